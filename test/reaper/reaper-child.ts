// A real reaper in a process of its own, which kills itself at one step of its work.
//   node reaper-child.ts STORE NAME STEP
// STEP: one of `CRASH_STEPS`, or anything else for a reaper that lives. It says `ready` and does nothing until a line
// comes on standard input; the end of the input ends it.
import { commandEffect, commandGate, openLedgerOn, Reaper } from '@holdfast/engine'
import type { LogStore, NewEvent } from '@holdfast/store'
import { openSqliteStore } from '@holdfast/store/sqlite'
import type { CrashStep } from './crash-steps.ts'

const INTERVAL_MS = 100

const [path = '', name = '', step = ''] = process.argv.slice(2)

function reach(here: CrashStep): void {
  if (here === step) process.kill(process.pid, 'SIGKILL')
}

/** Dies with a transaction open, or right after one, when a commit is about to write or has written an event. */
function crashing(store: LogStore): LogStore {
  const commit: LogStore['commit'] = async (stream, after, decider) => {
    let written: readonly NewEvent[] = []
    const result = await store.commit(stream, after, {
      ...decider,
      decide: view => {
        const events = decider.decide(view)
        written = events
        if (events.some(({ type }) => type === 'ADOPT')) reach('before-claim')
        if (events.some(({ type }) => type === 'SCAVENGE')) reach('before-close')
        return events
      },
    })
    if (written.some(({ type }) => type === 'ADOPT')) reach('claimed')
    if (written.some(recordsChildren)) reach('effect-recorded')
    if (written.some(({ type }) => type === 'SCAVENGE')) reach('closed')
    return result
  }
  return new Proxy(store, {
    get(target, member) {
      if (member === 'commit') return commit
      const value: unknown = Reflect.get(target, member)
      return typeof value === 'function' ? (...args: unknown[]): unknown => Reflect.apply(value, target, args) : value
    },
  })
}

function recordsChildren({ type, data }: NewEvent): boolean {
  return type === 'HEARTBEAT' && typeof data === 'object' && data !== null && 'children' in data
}

/** The effect notes when it starts and ends; it lives on when its reaper dies, and may be what kills it. */
const EFFECT = `
note() { echo "$1 $HOLDFAST_LANE $HOLDFAST_REAP_KEY $HOLDFAST_TOKEN $HOLDFAST_REAP_DISPOSITION" >> journal; }
note start
[ "$CRASH" = effect-running ] && kill -KILL $PPID && sleep 3
sleep 0.1
note end`

const ledger = await openLedgerOn(crashing(await openSqliteStore({ path })))
const about = { holder: name, store: ledger.url, ledger: ledger.stream, env: { ...process.env, CRASH: step } }
const gate = commandGate({ ...about, words: 'test "$HOLDFAST_EXIT_CODE" = 0' })
const effect = commandEffect({ ...about, words: EFFECT })
const reaper = new Reaper(ledger, {
  holder: name,
  intervalMs: INTERVAL_MS,
  enabled: false,
  gate: (unit, context) => {
    reach('gate')
    return gate(unit, context)
  },
  onReaped: async (unit, context) => {
    reach('effect-start')
    await effect(unit, context)
    reach('effect-done')
  },
})
reaper.start()
console.log('ready')
for await (const _line of process.stdin) reaper.enabled = true
await reaper.stop()
await ledger.close()
