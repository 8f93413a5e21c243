import { InputError } from '@holdfast/engine'
import { HookInputError } from '@holdfast/engine/write-guard'
import { plain } from '@holdfast/server/text'
import { StoreError } from '@holdfast/store'
import { continuesAt } from '@holdfast/store/internal'
import type { CallToolResult } from '@modelcontextprotocol/server'
import { renew } from './renew.ts'
import type { At, Desk } from './desk.ts'
import { NotAllowed, type Told } from './told.ts'

/** Longest sentence about a fault: an answer costs the one who reads it. */
const FAULT_LENGTH_MAX = 600

interface Calling {
  /** A first write may make the ledger. */
  readonly make?: boolean
  readonly cancelled: AbortSignal
}

/**
 * Runs a tool: opens the ledger, renews what the session holds, and adds what happened to that. Whatever goes wrong is an
 * answer that says so.
 */
export async function called(
  desk: Desk,
  { make = false, cancelled }: Calling,
  work: (at: At) => Promise<Told>,
): Promise<CallToolResult> {
  try {
    const served = await desk.open(make)
    await renew(desk, served)
    const at = await now({ desk, served, cancelled })
    const answer = await work(at)
    // What lasted is activity too, and more may have happened meanwhile.
    if (!cancelled.aborted) await renew(desk, served)
    return result(answer, desk.session.news())
  } catch (error) {
    return failure(error, desk)
  }
}

/** The ledger as it is now. Rejects with `moved` for one that continues elsewhere. */
export async function now(at: Pick<At, 'desk' | 'served' | 'cancelled'>): Promise<At> {
  const { ledger } = at.served.hosted
  const state = await ledger.refresh()
  if (state.movedTo !== null) throw continuesAt(ledger.url, state.movedTo)
  return { ...at, state, nowMs: await ledger.now() }
}

/** An answer as it is sent: in words, and as data. */
export function result(answer: Told, news: readonly string[]): CallToolResult {
  const structured = news.length === 0 ? { ...answer } : { ...answer, news: [...news] }
  const steps = answer.next.map(({ tool, arguments: given, why }) => `next: ${tool} ${JSON.stringify(given)} - ${why}`)
  const full = answer['full'] === undefined ? [] : [JSON.stringify(answer['full'])]
  const text = [...news, answer.text, ...steps, ...full].join('\n')
  return { content: [{ type: 'text', text }], structuredContent: structured }
}

function failure(error: unknown, desk: Desk): CallToolResult {
  const words = faultWords(error)
  if (words === null) desk.failed(error)
  const text =
    words ??
    'Something unexpected went wrong, and nothing can be said of what you asked. Nobody may count on a lease from this call. Try the same call again.'
  return { content: [{ type: 'text', text: shortened(text) }], isError: true }
}

/** What was wrong, what holds now, and what to do; `null`: nobody expected it. */
export function faultWords(error: unknown): string | null {
  if (error instanceof NotAllowed) return error.message
  if (error instanceof InputError || error instanceof HookInputError)
    return `${plain(error.message)} Nothing was done: mend the arguments and call again.`
  if (error instanceof StoreError) return storeWords(error)
  const isClosing = error instanceof Error && 'code' in error && error.code === 'closing'
  if (isClosing) return 'The server ends. Call again in a moment, with the same request_id.'
  // Words for people that another part has found, as for a path that lies outside the root.
  const isUsage = error instanceof Error && error.name === 'UsageError'
  return isUsage ? `${plain(error.message)} Nothing was done.` : null
}

function storeWords({ code, message }: StoreError): string {
  switch (code) {
    case 'no-ledger':
      return 'There is no ledger here yet, so nobody holds anything. claim makes one.'
    case 'timeout-unknown-outcome':
      return 'It is not known whether this was done: the store did not answer in time. Call again with the same request_id and the same arguments; until then do not count on it.'
    case 'unavailable':
    case 'clock-mismatch':
      return `The ledger cannot be used now, so do not write: ${plain(message)} Call again in a moment; tell a person if it stays.`
    case 'moved':
    case 'backup':
    case 'corrupt':
    case 'foreign':
    case 'ledger-newer':
      return `The ledger cannot be used, so do not write: ${plain(message)} A person has to look at it.`
    case 'invalid':
      return `${plain(message)} Nothing was done.`
  }
}

function shortened(text: string): string {
  return text.length > FAULT_LENGTH_MAX ? `${text.slice(0, FAULT_LENGTH_MAX)}…` : text
}
