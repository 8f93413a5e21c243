import type { Ledger } from '@holdfast/engine/lean'
import { instantOf } from '@holdfast/projections'
import type { CommandRequest } from '../input/command-request.ts'
import { failureOf } from '../failure/failure.ts'
import type { Shell } from '../program/shell.ts'
import { recordTrespasses } from '../trespass/trespass-log.ts'
import { leftSince, sinceCall } from '../trespass/watch-left.ts'
import { watchCall, type Looked, type Trespass } from '../trespass/watch-call.ts'
import { databaseOf, type WatchedCall } from '../trespass/watch-file.ts'
import type { AgentCall } from './agent-call.ts'
import { rootOf, writingOf } from './judge-edit.ts'
import type { Worker } from './who-works.ts'

/** Files of a trespass that the log names. */
const RECORDED_MAX = 16

/** Whose call it is, and what its command is known to write. */
export interface WatchedShell {
  readonly worker: Worker
  readonly call: AgentCall
  readonly written: CommandRequest | null
}

/**
 * Before a shell command of a session: notes what stands in the regions of others. After it: compares, and records what has
 * changed, for the log and for the news of both. Answers why that could not be done; the command goes on all the same.
 */
export async function watchShell(
  shell: Pick<Shell, 'which' | 'workTree'>,
  ledger: Ledger,
  { worker, call, written }: WatchedShell,
): Promise<string | null> {
  return watching(shell, ledger, { worker, call }, async (about, looking) => {
    if (call.hook.seen.kind === 'after-tool')
      return told(ledger, about, sinceCall(ledger.state, about, looking), looking)
    const targets = written?.paths.flatMap(({ inside }) => inside) ?? []
    const copies = call.policy.trespass === 'restore'
    watchCall(ledger.state, about, looking, { copies, targets })
    return Promise.resolve(null)
  })
}

/** At every step of a session: compares and records what earlier commands have left running has changed since the last look. */
export async function watchLeft(
  shell: Pick<Shell, 'which' | 'workTree'>,
  ledger: Ledger,
  { worker, call }: Pick<WatchedShell, 'worker' | 'call'>,
): Promise<string | null> {
  return watching(shell, ledger, { worker, call }, (about, looking) =>
    told(ledger, about, leftSince(ledger.state, about, looking), looking),
  )
}

type Looking = Parameters<typeof leftSince>[2]

async function watching(
  shell: Pick<Shell, 'which' | 'workTree'>,
  ledger: Ledger,
  { worker, call }: Pick<WatchedShell, 'worker' | 'call'>,
  look: (about: WatchedCall, looking: Looking) => Promise<string | null>,
): Promise<string | null> {
  const database = databaseOf(shell.which.url)
  if (database === null) return null
  try {
    const root = rootOf(shell, call)
    const looking = { ...(await writingOf(shell, ledger, { worker, call, root })), parent: worker.parent }
    return await look({ database, root, holder: worker.name, call: call.hook.call }, looking)
  } catch (error) {
    return failureOf(error).message
  }
}

async function told(
  ledger: Ledger,
  { database, root, holder }: WatchedCall,
  found: Looked | null,
  { nowMs }: Looking,
): Promise<string | null> {
  if (found === null) return null
  const rest = found.isWhole ? null : 'there are more files in them than can be looked at in time'
  if (found.trespasses.length === 0 || holder === null) return rest
  const at = instantOf(nowMs)
  recordTrespasses(
    database,
    found.trespasses.map(trespass => recorded(trespass, { at, by: holder, root })),
  )
  const paths = found.trespasses.slice(0, RECORDED_MAX).map(({ path }) => path)
  await ledger.write({ holder, paths, reason: 'changed while its command ran' })
  return rest
}

function recorded(
  { path, change, claim: { lane, holder }, putBack }: Trespass,
  about: { readonly at: string; readonly by: string; readonly root: string },
) {
  return { ...about, path, change, lane, holder, putBack }
}
