// A runner that is killed as soon as its child has begun; its child has a watchdog.
//   node dying-runner.ts STORE LANE TERMINAL CHILD_WORDS
// TERMINAL: "terminal" leaves the child in this session, as on a terminal; anything else gives it one of its own.
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLedger, runChild } from '@holdfast/engine'

const [store = '', lane = '', terminal = '', words = ''] = process.argv.slice(2)
const ledger = await openLedger(store)
await runChild(ledger, {
  hold: { lane, holder: 'H' },
  command: ['sh', '-c', words],
  dieWithRunner: true,
  killGraceMs: 1000,
  terminal: terminal === 'terminal',
  onStep: ({ step }) => {
    if (step === 'started') void dieOnceItRuns()
  },
})

async function dieOnceItRuns(): Promise<void> {
  while (!existsSync('ready')) await sleep(10)
  process.kill(process.pid, 'SIGKILL')
}
