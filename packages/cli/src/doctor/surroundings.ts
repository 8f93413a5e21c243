import { identify } from '@holdfast/engine/lean'
import { instantOf } from '@holdfast/projections'
import { clock, span } from '../print/times.ts'
import { finding, obstruction, type Examination } from './examination.ts'

/** The oldest Node that has all that the published packages use. */
const NODE_MAJOR_MIN = 24

/** What the machine lacks. */
export const surroundings: Examination = () => {
  const major = Number(process.versions.node.split('.')[0])
  const own = identify(process.pid)
  const blind = own === null || own.bootId === null || own.processStart === null ? 1 : 0
  return [
    finding(
      'node',
      major < NODE_MAJOR_MIN ? 1 : 0,
      `Node ${process.versions.node} runs this; install ${NODE_MAJOR_MIN} or newer.`,
    ),
    finding(
      'processes',
      blind,
      'Processes cannot be told apart on this system: their deaths stay unknown, and leases end by expiry.',
    ),
  ]
}

/** Apart by more than this, times that people read no longer fit those of other systems. */
const CLOCK_APART_MS = 60_000

/** Ahead by more than this, the log clock stands until the wall clock has caught up: it never goes back. */
const CLOCK_WAITS_MS = 1_000

/** The log clock beside this host's. */
export const clocks: Examination = ({ ledger: { nowMs, fold } }) => {
  const wallMs = Date.now()
  const apartMs = Math.abs(wallMs - nowMs)
  const newestMs = fold.state.clockMs
  // A clock that runs ahead goes on; one that stands shows the time of the newest event and no later one.
  const stands = nowMs <= newestMs && newestMs - wallMs > CLOCK_WAITS_MS
  const text = `the log clock stands at ${clock(newestMs)}, ahead of this host's by ${span(newestMs - wallMs)}: until then nothing expires`
  const standing = {
    subject: 'log clock',
    text,
    since: null,
    until: instantOf(newestMs),
    next: [{ action: 'wait' as const, text: 'wait until this host shows that time, or set its clock if it is wrong' }],
  }
  return [
    finding(
      'clock',
      apartMs > CLOCK_APART_MS ? 1 : 0,
      `The ledger's clock and this host's are ${span(apartMs)} apart. Leases do not depend on it; times that people read do.`,
    ),
    obstruction('clock waits', stands ? [standing] : []),
  ]
}
