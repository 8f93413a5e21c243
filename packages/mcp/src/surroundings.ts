import type { EpochMs } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import { identify } from '@holdfast/engine'
import type { AskedLedger, AtMoment, CommandLines, Surroundings } from '@holdfast/server/answers'
import type { At } from './desk.ts'

/** Nobody types here: what can be done next is said in calls of tools. */
const NO_LINES: CommandLines = { again: () => '', has: () => false, call: () => '' }

/** Where steps are looked for. */
export function around(
  { state }: Pick<At, 'state'>,
  { nowMs, asker }: { readonly nowMs: EpochMs; readonly asker: string | null },
): Surroundings & AtMoment {
  return { state, moment: { nowMs }, typed: NO_LINES, asker, here: identify(process.pid) }
}

/** The ledger as questions are asked of it. */
export function asked({ desk, served, state, nowMs }: At): AskedLedger {
  const { ledger } = served.hosted
  const { store, stream, ledgerId } = ledger
  return {
    store,
    stream,
    at: { ledgerId, head: state.head },
    fold: { state },
    nowMs,
    ownClock: store.clock === 'steady' ? undefined : NOTHING_WATCHED,
    typed: NO_LINES,
    workTree: desk.workTree,
    asker: null,
    here: identify(process.pid),
  }
}
