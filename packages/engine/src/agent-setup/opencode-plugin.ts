/** Words that tell a plugin of ours, of whatever version. */
export const PLUGIN_MARK = '// holdfast: hands on what hooks get'

/**
 * The plugin of opencode, which calls no commands itself. It serves both interfaces: `server` is what version 1 calls, `setup`
 * what version 2 calls. `command` runs in a shell at the top of the project.
 */
export function openCodePlugin(command: string): string {
  return PLUGIN.replace("'{command}'", () => JSON.stringify(`${command} guard check --hook opencode`))
}

const PLUGIN = `${PLUGIN_MARK}, and stops a tool that may not write now. Written by \`holdfast setup\`.
import { spawn } from 'node:child_process'

const COMMAND = '{command}'
/** What is handed on of all that happens. */
const EVENTS = new Set([
  'session.created',
  'session.idle',
  'session.error',
  'session.deleted',
  'permission.asked',
  'permission.updated',
  'permission.replied',
  'question.asked',
])
/** The end of a turn has other names in version 2. */
const NAMES_NOW = {
  'session.execution.succeeded': 'session.idle',
  'session.execution.failed': 'session.error',
  'session.execution.interrupted': 'session.error',
}

/** Hands documents of sessions to holdfast, those of one session in their order. */
function bridge({ root, directory }) {
  const parents = new Map()
  const last = new Map()
  const pending = new Map()

  function run(document) {
    return new Promise(resolve => {
      let stdout = ''
      let stderr = ''
      const child = spawn(COMMAND, { cwd: root, shell: true, stdio: ['pipe', 'pipe', 'pipe'] })
      child.stdout.on('data', text => (stdout += text))
      child.stderr.on('data', text => (stderr += text))
      child.stdin.on('error', () => {})
      child.on('error', error => resolve({ code: -1, stdout, stderr: String(error) }))
      child.on('close', code => resolve({ code: code ?? -1, stdout, stderr }))
      child.stdin.end(JSON.stringify(document))
    })
  }

  function send(session, document) {
    const parentID = parents.get(session)
    const whole = { ...document, directory, ...(parentID === undefined ? {} : { parentID }) }
    const sent = (last.get(session) ?? Promise.resolve()).then(() => run(whole))
    last.set(session, sent)
    return sent
  }

  async function tell(session, document) {
    const { stdout } = await send(session, document)
    try {
      const { context } = JSON.parse(stdout)
      if (typeof context === 'string') pending.set(session, [...(pending.get(session) ?? []), context])
    } catch {
      // Nothing to tell.
    }
  }

  return {
    async before(input, output) {
      const { code, stderr } = await send(input.sessionID, { hook: 'tool.execute.before', input, output })
      // Whatever else goes wrong stops the tool as well.
      if (code !== 0) throw new Error(stderr.trim() || 'holdfast does not run (' + COMMAND + '): nothing may be written')
    },
    async after(input, output) {
      await tell(input.sessionID, { hook: 'tool.execute.after', input, output })
      const text = pending.get(input.sessionID)?.join('\\n') ?? ''
      pending.delete(input.sessionID)
      return text
    },
    prompt: input => tell(input.sessionID, { hook: 'chat.message', input }),
    async event(event) {
      if (!EVENTS.has(event.type)) return
      const { info, sessionID = info?.id } = event.properties ?? {}
      if (typeof sessionID !== 'string') return
      if (typeof info?.parentID === 'string') parents.set(sessionID, info.parentID)
      await tell(sessionID, { hook: 'event', event: { type: event.type, properties: { ...event.properties, sessionID } } })
      if (event.type !== 'session.deleted') return
      for (const known of [parents, last, pending]) known.delete(sessionID)
    },
    async dispose() {
      await Promise.all([...last.keys()].map(sessionID => send(sessionID, { hook: 'dispose', sessionID })))
    },
  }
}

function placeOf(directory, worktree) {
  return { directory, root: worktree === undefined || worktree === '' || worktree === '/' ? directory : worktree }
}

async function server({ directory, worktree }) {
  const to = bridge(placeOf(directory, worktree))
  return {
    event: ({ event }) => to.event(event),
    'chat.message': input => to.prompt(input),
    'permission.ask': input => to.event({ type: 'permission.asked', properties: { ...input } }),
    'tool.execute.before': (input, output) => to.before(input, output),
    'tool.execute.after': async (input, output) => {
      const text = await to.after(input, {})
      if (text !== '') output.output = [output.output, text].filter(Boolean).join('\\n')
    },
    dispose: () => to.dispose(),
  }
}

/** Tools and their fields as version 1 names them. */
function asBefore(event) {
  const given = typeof event.input === 'object' && event.input !== null ? event.input : {}
  const filePath = given.filePath ?? given.path ?? given.file
  const tool = { shell: 'bash', patch: 'apply_patch' }[event.tool] ?? event.tool
  const input = { tool, sessionID: event.sessionID, callID: event.callID }
  return [input, { args: { ...given, ...(filePath === undefined ? {} : { filePath }) } }]
}

async function setup(context) {
  const { directory = process.cwd(), worktree } = context.location ?? {}
  const to = bridge(placeOf(directory, worktree))
  await context.tool.hook('execute.before', event => to.before(...asBefore(event)))
  await context.tool.hook('execute.after', async event => {
    const text = await to.after(...asBefore(event))
    const content = event.output?.content ?? event.result?.content
    if (text !== '' && Array.isArray(content)) content.push({ type: 'text', text })
  })
  const controller = new AbortController()
  const follow = async () => {
    for await (const event of context.event.subscribe({ signal: controller.signal })) {
      const properties = event.properties ?? event.data ?? {}
      await to.event({ type: NAMES_NOW[event.type] ?? event.type, properties })
    }
  }
  follow().catch(() => {})
  return async () => {
    controller.abort()
    await to.dispose()
  }
}

export default { id: 'holdfast', server, setup }
`
