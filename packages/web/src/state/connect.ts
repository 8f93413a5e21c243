import { ApiError, askLedgers, LedgerApi } from '../link/api.ts'
import { HistoryChanged, followLedger } from './follow-ledger.ts'
import * as page from './page-state.ts'
import { pause } from './pause.ts'
import { place } from './place.ts'

const AGAIN_MS = [300, 600, 1_200, 2_500, 5_000] as const

/** Connects the page with a ledger, and keeps it connected until it is told to stop. */
export function connect(name: string): () => void {
  const stop = new AbortController()
  page.ledger.value = name
  page.forget()
  page.connection.value = { state: 'connecting' }
  page.touch()
  void stayConnected(new LedgerApi(name), stop.signal)
  return () => stop.abort()
}

async function stayConnected(api: LedgerApi, stopped: AbortSignal): Promise<void> {
  let attempt = 0
  while (!stopped.aborted) {
    await isVisible(stopped)
    const lost = new AbortController()
    const signal = AbortSignal.any([stopped, lost.signal])
    const hidden = (): void => {
      if (document.hidden) lost.abort()
    }
    document.addEventListener('visibilitychange', hidden)
    try {
      await followLedger(api, signal, () => {
        attempt = 0
      })
      lose(new Error('the server ended the stream'))
    } catch (error) {
      if (error instanceof HistoryChanged && !stopped.aborted) page.forget()
      if (!stopped.aborted) lose(error)
    } finally {
      document.removeEventListener('visibilitychange', hidden)
      lost.abort()
    }
    if (stopped.aborted) return
    await pause(AGAIN_MS[Math.min(attempt, AGAIN_MS.length - 1)] ?? 0, stopped)
    attempt += 1
  }
}

function lose(error: unknown): void {
  const because = error instanceof Error ? error.message : String(error)
  const status = error instanceof ApiError ? error.status : 0
  const isShutOut = status === 401 || status === 403
  page.connection.value = isShutOut
    ? { state: 'shut-out', because }
    : { state: 'reconnecting', because, isAnswered: status > 0 }
  // What was judged before says nothing about what is when it is connected again.
  page.live.current.verdicts.clear()
  page.touch()
}

/** A page that nobody sees holds no connections: a browser has few for one server. */
function isVisible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve()
  return new Promise(resolve => {
    const look = (): void => {
      if (document.hidden) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The ledger that the address names, or the first that there is. */
export async function chosenLedger(): Promise<string> {
  if (place.value.ledger !== null) return place.value.ledger
  const names = await askLedgers().catch((): readonly string[] => [])
  page.ledgers.value = names
  return names.includes('default') ? 'default' : (names[0] ?? 'default')
}
