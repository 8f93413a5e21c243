import { decide, initialState, type Command } from '@holdfast/core'
import { expect, test } from 'vitest'
import { atMs, LEDGER_ID, nextCommandId, SMALL } from './harness/alphabet.ts'
import { acquire, adopt, beat, checkpoint, commandOf, halt, release, scavenge, spawn } from './harness/commands.ts'
import { CoreLedger } from './harness/core-ledger.ts'
import { entryAfter } from './harness/entry-after.ts'
import { granted } from './harness/outcomes.ts'

test('whatever a command writes carries the reason that it gave', () => {
  const ledger = new CoreLedger()
  const commandId = nextCommandId()
  const reason = 'because'
  const because = { reason }
  const told = (command: Command) => {
    const before = ledger.log.length
    ledger.run(command)
    expect(ledger.log.length, command.type).toBeGreaterThan(before)
    expect(ledger.log.at(-1), command.type).toMatchObject({ data: because })
  }
  const lease = granted(ledger.run(acquire('x', 'A', because)))
  expect(ledger.log.at(-1)).toMatchObject({ type: 'ACQUIRE', data: because })
  told(acquire('x', 'B', { ...because, requestId: 'w', wait: true }))
  told(commandOf({ type: 'withdraw', commandId, holder: 'B', requestId: 'w', reason }))
  told(adopt(lease, 'B', because))
  told(scavenge(lease, because))
  told(beat(lease, because))
  told(halt('h', because))
  told(spawn('y', 'B', because))
  told(checkpoint(because))
  told(commandOf({ type: 'configure', commandId, config: SMALL, reason }))
  told(adopt(lease, 'B', { ...because, force: true }))
  told(release(lease, because))
  told(scavenge(granted(ledger.run(acquire('z', 'A'))), { ...because, force: true }))
  ledger.push(entryAfter(ledger, { schemaVersion: 2 }))
  told(commandOf({ type: 'repair', commandId, skip: ledger.state.head, reason }))
  const found = commandOf({ type: 'found', commandId, ledgerId: LEDGER_ID, config: SMALL, reason })
  expect(decide(initialState(), found, { nowMs: atMs(0) }).events).toMatchObject([{ data: because }])
})
