import { fork } from '@holdfast/core'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import { parseDuration, systemProbe, systemTimers, type Ledger } from '@holdfast/engine'
import { LedgerFold } from '@holdfast/projections'
import { explainName } from '@holdfast/server/answers'
import { askedFrom } from '../answer/surroundings.ts'
import { localConfiguration } from '../input/local-configuration.ts'
import { progressSources } from '../input/progress-probes.ts'
import { workingFolder } from '../input/environment.ts'
import { terminalColumns } from '../print/text-stream.ts'
import { examples, type Define } from '../program/define.ts'
import { EXIT } from '../failure/exit-code.ts'
import type { Shell } from '../program/shell.ts'
import { UsageError } from '../failure/usage-error.ts'
import { FleetReader } from '../top/fleet-reader.ts'
import { FleetScreen } from '../top/fleet-screen.ts'
import { printedFrame, type Size } from '../top/frame.ts'
import { haltSeen } from '../top/halt-seen.ts'
import { takeTerminal } from '../top/ink-terminal.ts'
import { chosen } from '../top/lease-order.ts'
import { FIRST_STATE } from '../top/screen-state.ts'
import { SparingProgress } from '../top/sparing-progress.ts'
import { progressIn } from './liveness.ts'

interface TopFlags {
  readonly once?: boolean
  readonly every: string
  readonly holder?: string
}

const EVERY_MIN_MS = 200
const EVERY_MAX_MS = 3_600_000

/** Of one look, so much time may be spent on looking for work in files and commits. */
const PROGRESS_BUDGET_MS = 300

/** A terminal that does not say how large it is. */
const DEFAULT_SIZE = { columns: 80, rows: 24 } as const

/** Ends the command as a shell tells it of a signal. */
const HUNG_UP = 129

/** `top`: the fleet in a terminal, as it is and as it changes. */
export const top: Define = (command, shell) => {
  command
    .description('Watch the leases, waiters and events in a terminal, until `q` or Ctrl-C. `?` shows all keys.')
    .option('--once', 'print one frame as text and end; needs no terminal')
    .option('--every <span>', 'how often to look while nothing is recorded, 200ms to 1h', '1s')
    .option('--holder <name>', 'show only the leases of this holder')
  examples(command, 'holdfast top', 'holdfast top --holder agent-7 --once')
  shell.does(command, async ({ once, every, holder }: TopFlags) => {
    demandReader(shell, once === true)
    const everyMs = everyMsOf(every)
    const local = await localConfiguration(shell.globals.config, workingFolder())
    await using ledger = await shell.openLedger({ create: false })
    const budgetMs = once === true ? Number.POSITIVE_INFINITY : PROGRESS_BUDGET_MS
    const ask = progressIn(progressSources(local), ledger.config, new Set())
    const sparing = ask === undefined ? undefined : new SparingProgress(ask, { ownNowMs, budgetMs })
    const fleet = new FleetReader(ledger, { settings: local.liveness, probe: systemProbe, progress: sparing?.progress })
    const look = (): ReturnType<FleetReader['look']> => {
      sparing?.begin()
      return fleet.look()
    }
    if (once !== true) return await watch(shell, ledger, { fleet, look, everyMs, holder: holder ?? null })
    const snapshot = await look()
    const leases = chosen(snapshot.leases, { ...FIRST_STATE, holder: holder ?? null })
    const place = { ledger: ledger.stream, url: ledger.url, holder: holder ?? null }
    const now = { ageMs: 0, nowMs: snapshot.nowMs, connection: { state: 'up' } } as const
    const lines = printedFrame({ ...place, ...now, snapshot, leases, state: FIRST_STATE }, columnsPrinted())
    for (const line of lines) await shell.out.line(line)
    return EXIT.done
  })
}

const ownNowMs = (): number => performance.now()

interface Watching {
  readonly fleet: FleetReader
  readonly look: () => ReturnType<FleetReader['look']>
  readonly everyMs: number
  readonly holder: string | null
}

/** Draws until a key or a signal ends it, or nothing true can be shown any more. */
async function watch(shell: Shell, ledger: Ledger, { fleet, look, everyMs, holder }: Watching): Promise<number> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<number>()
  const screen = new FleetScreen({
    ledger: ledger.stream,
    url: ledger.url,
    holder,
    everyMs,
    look,
    why: leaseId => whyLines(shell, ledger, leaseId),
    halt: (target, reason) => haltSeen(ledger, target, reason),
    timers: systemTimers,
    ownNowMs,
    size: sizeOfTerminal,
    ended: error => (error === undefined ? resolve(EXIT.done) : reject(error)),
  })
  const interrupted = shell.interruption.signal()
  const hangUp = (): void => resolve(HUNG_UP)
  const resized = (): void => screen.redraw()
  // A terminal that goes away takes the answer with it, and is no error.
  process.stdout.on('error', hangUp).on('resize', resized)
  process.stdin.on('end', hangUp)
  process.on('SIGHUP', hangUp)
  interrupted.addEventListener('abort', () => resolve(EXIT.interrupted), { once: true })
  const terminal = await takeTerminal({ pressed: key => screen.press(key), failed: reject })
  // What is told of it is to be read afterwards, not on the screen that goes away.
  const restore = (): void => terminal.restore()
  process.prependListener('uncaughtException', restore)
  try {
    const unlisten = fleet.listen(() => screen.hear())
    screen.begin(terminal)
    try {
      return await ended
    } finally {
      unlisten()
    }
  } finally {
    screen.end()
    terminal.restore()
    process.off('uncaughtException', restore)
    process.off('SIGHUP', hangUp)
    process.stdin.off('end', hangUp)
    process.stdout.off('resize', resized)
  }
}

/** What `why` answers of a lease. */
async function whyLines(shell: Shell, ledger: Ledger, leaseId: string): Promise<readonly string[]> {
  // The answer reads the whole history, during which the ledger's own state goes on.
  const fold = new LedgerFold(fork(await ledger.refresh()))
  const { store, stream, ledgerId } = ledger
  const nowMs = await ledger.now()
  const ownClock = store.clock === 'steady' ? undefined : NOTHING_WATCHED
  const at = { ledgerId, head: fold.state.head }
  const asked = { store, stream, fold, nowMs, ownClock, at, ...askedFrom(shell) }
  const { lines } = await explainName(asked, leaseId)
  return lines()
}

function demandReader(shell: Shell, once: boolean): void {
  if (shell.json) {
    throw new UsageError(
      'json: `top` draws for people. `holdfast leases --json`, `holdfast liveness --json` and `holdfast log --follow --json` tell the same to programs.',
    )
  }
  if (once || (process.stdin.isTTY && process.stdout.isTTY)) return
  throw new UsageError(
    '`top` needs a terminal on standard input and output. `holdfast top --once` prints one frame; `holdfast leases` and `holdfast liveness` list the leases, and `holdfast log --follow` shows events as they come.',
  )
}

function everyMsOf(every: string): number {
  const everyMs = parseDuration(every, 'every')
  if (everyMs >= EVERY_MIN_MS && everyMs <= EVERY_MAX_MS) return everyMs
  throw new UsageError(
    `every: ${JSON.stringify(every)} is too ${everyMs < EVERY_MIN_MS ? 'short' : 'long'}; give 200ms to 1h.`,
  )
}

/** What is drawn on: the last line and the last column stay free, for some terminals scroll when they are written. */
function sizeOfTerminal(): Size {
  const { columns, rows } = process.stdout
  return { columns: (columns || DEFAULT_SIZE.columns) - 1, rows: (rows || DEFAULT_SIZE.rows) - 1 }
}

function columnsPrinted(): number | null {
  const columns = terminalColumns()
  return columns === undefined ? null : columns - 1
}
