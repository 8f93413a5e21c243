import { closedToGrants } from '@holdfast/core/internal'
import type { OpenFold } from '../program/open-fold.ts'
import { finding, type Examination, type Examined } from './examination.ts'

/** Events since the last CHECKPOINT from which on it is worth writing another. */
const LONG_LOG_EVENTS = 1_000_000

/** Whether the log can be read and written by this program, how long it has become, and what was left beside it. */
export const log: Examination = async ({ ledger }) => {
  const { state } = ledger.fold
  return [
    writers(ledger),
    finding(
      'unrecognised',
      state.unrecognisedCount,
      'Entries that this program cannot read; `holdfast log --type UNRECOGNISED` shows them.',
    ),
    await length(ledger),
    await unsealed(ledger),
  ]
}

/** States beside their CHECKPOINTs that were begun and not sealed: being written just now, or left by a process that was killed. */
async function unsealed({ store, stream }: OpenFold): Promise<Examined> {
  const found = (await store.unsealed?.(stream)) ?? []
  const revisions = found.map(({ revision }) => `r${revision}`).join(', ')
  const parts = found.reduce((sum, state) => sum + state.parts, 0)
  const detail = `CHECKPOINTs whose states are not whole (${revisions}; ${parts} parts). They say nothing; \`holdfast compact\` removes what no process is writing any more.`
  return finding('unsealed-states', found.length, detail)
}

function writers({ fold: { state } }: OpenFold): Examined {
  const closed = closedToGrants(state)
  const check = { name: 'writers', ok: closed === null, severity: 'fault' } as const
  return closed === null ? { ...check, count: 0 } : { ...check, count: 1, detail: closed.message }
}

async function length({ at, store, stream }: OpenFold): Promise<Examined> {
  const checkpoint = await store.latestCheckpoint(stream)
  const events = at.head - (checkpoint?.revision ?? 0)
  const detail = `${events} revisions since the last CHECKPOINT; \`holdfast compact\` shortens the log.`
  return finding('length', events > LONG_LOG_EVENTS ? 1 : 0, detail)
}
