// A holder without a runner: takes a lane through the library, says so, and then does nothing but hold it.
import { openLedger } from '@holdfast/engine'

const [store, lane, region] = process.argv.slice(2)
if (store === undefined || lane === undefined || region === undefined) throw new Error('usage: STORE LANE REGION')

const ledger = await openLedger(store)
const asked = await ledger.hold({ lane, region: [region], holder: 'bare-holder' })
if (asked.outcome !== 'granted') throw new Error(`not granted: ${JSON.stringify(asked)}`)
console.log(JSON.stringify({ token: asked.lease.token }))
// Keeps the process alive; the beats of a lease alone would not.
setInterval(() => {}, 60_000)
