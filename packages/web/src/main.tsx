import { render } from 'preact'
import { App } from './view/app.tsx'
import { chosenLedger, connect } from './state/connect.ts'
import { clock, ownInstant } from './state/own-clock.ts'
import { ledger } from './state/page-state.ts'
import { followPast } from './state/past.ts'
import { place } from './state/place.ts'
import { drawPlainTextOnly } from './view/plain-text.ts'

const CLOCK_EVERY_MS = 1_000

/** So long nothing moves away from under a pointer that is pressed: what is released elsewhere is no click. */
const STILL_MS = 1_500

drawPlainTextOnly()

const root = document.getElementById('page')
if (root !== null) render(<App />, root)

let pressedMs = Number.NEGATIVE_INFINITY
addEventListener('pointerdown', () => (pressedMs = performance.now()), { capture: true })
addEventListener('pointerup', () => (pressedMs = Number.NEGATIVE_INFINITY), { capture: true })

setInterval(() => {
  const isPressed = performance.now() - pressedMs < STILL_MS
  if (!document.hidden && !isPressed) clock.value = ownInstant()
}, CLOCK_EVERY_MS)

document.addEventListener('visibilitychange', () => {
  clock.value = ownInstant()
})

followPast()

let disconnect = connect(await chosenLedger())

place.subscribe(({ ledger: wanted }) => {
  if (wanted === null || wanted === ledger.value) return
  disconnect()
  disconnect = connect(wanted)
})
