// Defect 3 without a defence, in a process of its own because it ends it: the batch path keeps what is pending in one
// place for all clients. Prints how the append to the healthy server ended; the late answer then kills the process.
import { bareClient, bareEvent } from '../harness.ts'
import { EsdbFixture } from '../fixture/esdb-fixture.ts'

const healthy = await EsdbFixture.start()
const dying = await EsdbFixture.start()
const toHealthy = bareClient(healthy.url())
const toDying = bareClient(dying.url())
await toHealthy.appendToStream('s', [bareEvent()])
await toDying.appendToStream('s', [bareEvent()])

healthy.leader.faults.push('hold')
const pending = toHealthy.appendToStream('s', [bareEvent()]).then(
  () => 'fulfilled',
  (error: unknown) => `rejected ${String(Reflect.get(Object(error), 'type'))}`,
)
await new Promise<void>(resolve => {
  const stop = healthy.log.onEvent(() => {
    stop()
    resolve()
  })
})
await dying.line().refuse()
process.stdout.write(`${await pending}\n`)
healthy.leader.releaseAppends()
// The late answer ends the process; were it to live on, this would be its last word.
setTimeout(() => process.exit(0), 5_000)
