import { AsyncLocalStorage } from 'node:async_hooks'
import type { HookAsked, HookDoor } from '@holdfast/server'
import { HOOKS, readHook, type DocumentHook, type HookDocument } from '@holdfast/engine/write-guard'
import { agentHook } from '../commands/agent-hook.ts'
import { guardSettings } from '../commands/guard-check.ts'
import { failureOf } from '../failure/failure.ts'
import { UsageError } from '../failure/usage-error.ts'
import { standBy, type Standing } from '../input/environment.ts'
import { hookShape, isFile } from '../input/hook-shape.ts'
import { inProtocol } from '../program/say-in-protocol.ts'
import { DoorShell } from './door-shell.ts'
import { folderOf, ledgerIn } from './hook-ledger.ts'

/** Claude Code blocks a tool by this answer; one that is no success would let the tool run. */
const CLAUDE_CODE_REFUSAL = {
  hookSpecificOutput: {
    hookEventName: 'PreToolUse',
    permissionDecision: 'deny',
    permissionDecisionReason: '{text}',
  },
}

/** An answer that says nothing. */
const NOTHING = {}

const WAY_OUT = '`holdfast doctor` says what is wrong.'

const SHELL_ELSEWHERE =
  'the command of a shell is judged and watched by a command hook alone: enter `holdfast guard check --hook` for this tool'

/** Answers the hooks of agents in a server, by the code that `guard check --hook` runs. */
export function hookDoor(): HookDoor {
  const standing = new AsyncLocalStorage<Standing>()
  standBy(() => standing.getStore())
  return {
    refuse: (agent, why) => refusal(agent, knownShape(agent), why),
    answer: async asked => {
      let shape = knownShape(asked.agent)
      try {
        const hook = shape === null ? null : readHook(shape, asked.document)
        const folder = folderOf(folderIn(asked.document, hook))
        return await standing.run({ folder, environment: NO_VARIABLES }, async () => {
          const policy = await guardSettings({ globals: {} })
          const named = isFile(asked.agent) ? null : await hookShape(asked.agent, policy)
          if (named?.source !== 'document')
            throw new UsageError(`hook: ${JSON.stringify(asked.agent)} sends no documents.`)
          shape = named
          return answered(asked, { shape, hook: readHook(shape, asked.document), folder, policy })
        })
      } catch (error) {
        const { code, message } = failureOf(error)
        if (code === 'unexpected') asked.failed(error)
        return refusal(asked.agent, shape, message)
      }
    },
  }
}

/** What belongs to the process of the server is not the agent's. */
const NO_VARIABLES = {}

interface Answering extends Pick<Parameters<typeof agentHook>[1], 'policy' | 'shape'> {
  readonly hook: HookDocument
  readonly folder: string
}

async function answered(asked: HookAsked, { shape, hook, folder, policy }: Answering): Promise<object> {
  const { agent, holder } = asked
  if (hook.seen.who === null) throw new UsageError('the document names no session.')
  const hasRun = hook.seen.kind === 'after-tool'
  if (hook.shell !== null && !hasRun) throw new UsageError(`${SHELL_ELSEWHERE}.`)
  const which = ledgerIn(folder, asked.hosted.ledger.url)
  const shell = new DoorShell({ which, folder }, asked)
  if (hook.shell !== null) shell.out.remark(`holdfast: ${SHELL_ELSEWHERE}, after it has run as well.`)
  const code = await agentHook(shell, {
    hook: hook.shell === null ? hook : { ...hook, shell: null },
    shape,
    agent,
    policy,
    holder: holder ?? undefined,
    token: undefined,
    root: undefined,
    otherwise: () => Promise.reject(new UsageError('the ledger cannot be used.')),
  })
  const { remarks, documents } = shell.out
  if (code !== 0) return refusal(agent, shape, remarks.join('\n'))
  const [document] = documents
  if (document !== undefined) return asObject(document)
  const isTold = hook.shell !== null && hook.seen.tells !== undefined
  return isTold ? asObject(JSON.stringify(inProtocol(hook.seen.tells, remarks.join('\n')))) : NOTHING
}

function refusal(agent: string, shape: DocumentHook | null, why: string): object {
  const text = why === '' ? `The write is refused, for it could not be judged. ${WAY_OUT}` : why
  const form =
    agent === 'claude-code' ? CLAUDE_CODE_REFUSAL : (shape?.refusal ?? { permitted: false, reason: '{text}' })
  return asObject(JSON.stringify(inProtocol(form, text)))
}

function asObject(document: string): object {
  const parsed: unknown = JSON.parse(document)
  return typeof parsed === 'object' && parsed !== null ? parsed : NOTHING
}

function knownShape(agent: string): DocumentHook | null {
  const known = Object.entries(HOOKS).find(([name]) => name === agent)?.[1]
  return known?.source === 'document' ? known : null
}

/** A hook that the configuration names is known only once it is known where that lies. */
function folderIn(document: string, hook: HookDocument | null): string | undefined {
  if (hook !== null) return hook.directory
  const parsed: unknown = JSON.parse(document)
  const directory = typeof parsed === 'object' && parsed !== null && 'cwd' in parsed ? parsed.cwd : undefined
  return typeof directory === 'string' ? directory : undefined
}
