import { randomUUID } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import type { AgentName } from './agent-name.ts'
import { hookCommand } from './hook-entries.ts'
import { runFor, type Ran } from './run-for.ts'
import { BEFORE_TOOL, sampledEvents, sampleDocument } from './sample-documents.ts'

/** One thing that was tried, and how it went. */
export interface SetupCheck {
  readonly agent: AgentName
  /** The event, `refusal` for the second session, `mcp` for the tool server. */
  readonly check: string
  readonly ok: boolean
  /** What went wrong, or what was answered. */
  readonly detail: string
}

export interface Verification {
  readonly agent: AgentName
  /** What was written into the hooks. */
  readonly program: string
  /** Where the agent would call them. */
  readonly folder: string
  /** With a ledger of its own, so that nothing of a check is in the real one. */
  readonly environment: NodeJS.ProcessEnv
  /** Whether a first edit leases its file, by the configuration. */
  readonly claims: boolean
  /** The plugin that was written, where the agent has one. */
  readonly plugin?: string | undefined
  readonly server: readonly [string, ...string[]] | null
}

/** A file that is named and never written. Agents are tried at the same time, each with its own. */
const fileOf = (agent: AgentName): string => `.holdfast-setup-check-${agent}`
const REFUSED = 2

/** What a session's name has of its id at least. */
const NAME_LENGTH_MIN = 4

/** Sends itself a document of each event, as two sessions, through the command that was written. */
export async function verifyAgent(asked: Verification): Promise<readonly SetupCheck[]> {
  const { agent, claims, server } = asked
  const [first, second] = [randomUUID(), randomUUID()]
  const before = BEFORE_TOOL[agent]
  const events = sampledEvents(agent)
  const [begin = before, last = before] = [events[0], events.at(-1)]
  const one = async (event: string): Promise<SetupCheck> => {
    const ran = await sent(asked, event, first)
    // Without claims a free file may be refused as well: by an answer of this program, and not by a shell without it.
    const mayRefuse = event === before && !claims && ran.code === REFUSED && ran.stderr.includes('holdfast guard')
    const ok = ran.code === 0 || mayRefuse
    return { agent, check: event, ok, detail: ok ? '' : wrong(ran) }
  }
  // The file has to be leased when the second session comes, and until then nothing may end the first one.
  const opened = [await one(begin), await one(before)]
  const between = events.filter(event => ![begin, before, last].includes(event))
  const others = await Promise.all([
    ...between.map(one),
    ...(claims ? [refusal(asked, { first, second })] : []),
    ...(server === null ? [] : [serverAnswers(asked, server)]),
  ])
  return [...opened, ...others, await one(last)]
}

async function sent(asked: Verification, event: string, session: string): Promise<Ran> {
  const { agent, program, folder, environment } = asked
  const document = sampleDocument(agent, event, { session, folder, file: fileOf(agent) })
  const command = ['/bin/sh', '-c', hookCommand(agent, event, program)] as const
  return runFor(command, {
    folder,
    environment: { ...environment, ...projectOf(folder) },
    input: JSON.stringify(document),
  })
}

/** As the agents tell their hooks where the project is. */
function projectOf(folder: string): NodeJS.ProcessEnv {
  return { CLAUDE_PROJECT_DIR: folder, GEMINI_PROJECT_DIR: folder, CURSOR_PROJECT_DIR: folder }
}

/** The edit of a second session, which has to be refused with the name of the first. */
async function refusal(
  asked: Verification,
  { first, second: session }: { readonly first: string; readonly second: string },
): Promise<SetupCheck> {
  const { agent, plugin, folder } = asked
  const ran =
    plugin === undefined
      ? await sent(asked, BEFORE_TOOL[agent], session)
      : await runFor([process.execPath, '--input-type=module', '-e', DRIVER], {
          folder,
          environment: asked.environment,
          input: JSON.stringify({ plugin: pathToFileURL(plugin).href, folder, session, file: fileOf(agent) }),
        })
  // Its name is the shortest beginning of its id that tells it from others.
  const name = `${agent}/${first.slice(0, NAME_LENGTH_MIN)}`
  const said = ran.stderr.split('\n').find(line => line.includes(name) && line.includes('is refused')) ?? ''
  const ok = ran.code === REFUSED && said !== ''
  return { agent, check: 'refusal', ok, detail: ok ? said.trim() : `the second session was not refused: ${wrong(ran)}` }
}

/** Loads the plugin as opencode does, and calls what it calls before a tool. */
const DRIVER = `
let given = ''
for await (const text of process.stdin) given += text
const { plugin, folder, session, file } = JSON.parse(given)
const hooks = await (await import(plugin)).default.server({ directory: folder, worktree: folder })
try {
  await hooks['tool.execute.before']({ tool: 'write', sessionID: session, callID: 'check' }, { args: { filePath: file } })
} catch (error) {
  console.error(error.message)
  process.exit(${REFUSED})
}
`

/** The first request of a client of the Model Context Protocol. */
const HELLO = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'holdfast-setup', version: '1' },
  },
}

async function serverAnswers(
  { agent, folder, environment }: Verification,
  words: readonly [string, ...string[]],
): Promise<SetupCheck> {
  const ran = await runFor(words, {
    folder,
    environment,
    input: `${JSON.stringify(HELLO)}\n`,
    endsWith: '"serverInfo"',
  })
  const ok = ran.stdout.includes('"serverInfo"')
  return { agent, check: 'mcp', ok, detail: ok ? '' : wrong(ran) }
}

function wrong({ code, stderr, stdout }: Ran): string {
  const lines = `${stderr}\n${stdout}`.split('\n').map(line => line.trim())
  const [line = 'it said nothing'] = lines.filter(each => each !== '')
  return `${code === null ? 'it did not end in time' : `exit code ${code}`}: ${line}`
}
