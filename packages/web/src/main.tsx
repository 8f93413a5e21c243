import { render } from 'preact'
import { App } from './view/app.tsx'
import { chosenLedger, connect } from './state/connect.ts'
import { clockMs, ledger } from './state/page-state.ts'
import { followPast } from './state/past.ts'
import { place } from './state/place.ts'

const CLOCK_EVERY_MS = 1_000

const root = document.getElementById('page')
if (root !== null) render(<App />, root)

setInterval(() => {
  if (!document.hidden) clockMs.value = Date.now()
}, CLOCK_EVERY_MS)

followPast()

let disconnect = connect(await chosenLedger())

place.subscribe(({ ledger: wanted }) => {
  if (wanted === null || wanted === ledger.value) return
  disconnect()
  disconnect = connect(wanted)
})
