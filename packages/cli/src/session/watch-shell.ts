import type { Ledger } from '@holdfast/engine/lean'
import { instantOf } from '@holdfast/projections'
import { failureOf } from '../failure/failure.ts'
import type { Shell } from '../program/shell.ts'
import { recordTrespasses } from '../trespass/trespass-log.ts'
import { trespassesSince, watchCall, type Trespass } from '../trespass/watch-call.ts'
import { databaseOf } from '../trespass/watch-file.ts'
import type { AgentCall } from './agent-call.ts'
import { rootOf, writingOf } from './judge-edit.ts'
import type { Worker } from './who-works.ts'

/** Files of a trespass that the log names. */
const RECORDED_MAX = 16

/**
 * Before a shell command of a session: notes what stands in the regions of others. After it: compares, and records what has
 * changed, for the log and for the news of both. Answers why that could not be done; the command goes on all the same.
 */
export async function watchShell(
  shell: Pick<Shell, 'which' | 'workTree'>,
  ledger: Ledger,
  { worker, call }: { readonly worker: Worker; readonly call: AgentCall },
): Promise<string | null> {
  const database = databaseOf(shell.which.url)
  if (database === null) return null
  try {
    const root = rootOf(shell, call)
    const looking = { ...(await writingOf(shell, ledger, { worker, call, root })), parent: worker.parent }
    const about = { database, root, holder: worker.name, call: call.hook.call }
    if (call.hook.seen.kind !== 'after-tool') {
      watchCall(ledger.state, about, looking, { copies: call.policy.trespass === 'restore' })
      return null
    }
    const found = trespassesSince(ledger.state, about, looking)
    if (found === null) return null
    const rest = found.isWhole ? null : 'there are more files in them than can be looked at in time'
    if (found.trespasses.length === 0) return rest
    const at = instantOf(looking.nowMs)
    recordTrespasses(
      database,
      found.trespasses.map(trespass => recorded(trespass, { at, by: worker.name, root })),
    )
    const paths = found.trespasses.slice(0, RECORDED_MAX).map(({ path }) => path)
    await ledger.write({ holder: worker.name, paths, reason: 'changed while its command ran' })
    return rest
  } catch (error) {
    return failureOf(error).message
  }
}

function recorded(
  { path, change, claim: { lane, holder }, putBack }: Trespass,
  about: { readonly at: string; readonly by: string; readonly root: string },
) {
  return { ...about, path, change, lane, holder, putBack }
}
