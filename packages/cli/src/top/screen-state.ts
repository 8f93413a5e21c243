import { nextOrder, type Order } from './lease-order.ts'
import type { WatchedLease } from './snapshot.ts'

/** The lease that a HALT is meant for, as it was seen. */
export interface Target {
  readonly leaseId: string
  readonly token: number
  readonly holder: string
}

/**
 * What is on the screen:
 * - `list`: the leases;
 * - `filter`: the same, while a filter is typed; `before` comes back with Escape;
 * - `page`: lines of text, from `top` on; `null` lines: they are being asked for;
 * - `reason`: a HALT is asked for, its reason is typed;
 * - `confirm`: the reason is there, and is to be confirmed.
 */
export type Mode =
  | { readonly kind: 'list' }
  | { readonly kind: 'filter'; readonly before: string }
  | { readonly kind: 'page'; readonly title: string; readonly lines: readonly string[] | null; readonly top: number }
  | { readonly kind: 'reason'; readonly target: Target; readonly typed: string; readonly isMissing: boolean }
  | { readonly kind: 'confirm'; readonly target: Target; readonly reason: string }

export interface ScreenState {
  readonly order: Order
  readonly filter: string
  /** Id of a lease; `null`: the first one. */
  readonly selected: string | null
  readonly mode: Mode
}

export const FIRST_STATE: ScreenState = { order: 'lane', filter: '', selected: null, mode: { kind: 'list' } }

/** Enter among other keys that came at once. */
export const ENTER = '\r'

/** A key, or text that was typed or pasted. */
export type Key =
  | { readonly key: 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end' }
  | { readonly key: 'enter' | 'escape' | 'backspace' | 'interrupt' }
  | { readonly key: 'text'; readonly text: string }

/** What a key asks for beyond what it shows. */
export type Wish =
  | { readonly wish: 'why'; readonly leaseId: string }
  | { readonly wish: 'help' }
  | { readonly wish: 'halt'; readonly target: Target; readonly reason: string }
  | { readonly wish: 'end' }

export interface Pressed {
  readonly state: ScreenState
  readonly wish: Wish | null
}

/** What the keys work on: the leases in their order, and how many lines a page has. */
export interface Surroundings {
  readonly leases: readonly WatchedLease[]
  readonly page: number
  /** Of a page of text. */
  readonly lines: number
}

/** Longest text that is typed here; what is pasted beyond it is dropped. */
const TYPED_MAX = 500

/** What the screen is after a key. */
export function pressed(state: ScreenState, key: Key, around: Surroundings): Pressed {
  if (key.key === 'interrupt') return { state, wish: { wish: 'end' } }
  const { mode } = state
  switch (mode.kind) {
    case 'list':
      return inList(state, key, around)
    case 'filter':
      return inFilter(state, mode, key)
    case 'page':
      return inPage(state, mode, key, around)
    case 'reason':
      return inReason(state, mode, key)
    case 'confirm':
      return inConfirm(state, mode, key)
  }
}

/** The place of the selected lease in the list. */
export function placeOf(leases: readonly WatchedLease[], selected: string | null): number {
  return Math.max(
    0,
    leases.findIndex(({ lease }) => lease.leaseId === selected),
  )
}

const only = (state: ScreenState): Pressed => ({ state, wish: null })
const list = (state: ScreenState): Pressed => only({ ...state, mode: { kind: 'list' } })

function inList(state: ScreenState, key: Key, { leases, page }: Surroundings): Pressed {
  const place = placeOf(leases, state.selected)
  const steps = stepsOf(key, page)
  if (steps !== null) {
    const to = Math.min(leases.length - 1, Math.max(0, place + steps))
    return only({ ...state, selected: leases[to]?.lease.leaseId ?? null })
  }
  const lease = leases[place]?.lease
  if (key.key === 'escape') return only({ ...state, filter: '' })
  if (key.key === 'enter') return { state, wish: lease === undefined ? null : { wish: 'why', leaseId: lease.leaseId } }
  if (key.key !== 'text') return only(state)
  if (key.text === 'q') return { state, wish: { wish: 'end' } }
  // Whoever sorts wants to see what comes first then.
  if (key.text === 's') return only({ ...state, order: nextOrder(state.order), selected: null })
  if (key.text === '/') return only({ ...state, mode: { kind: 'filter', before: state.filter } })
  if (key.text === '?') return { state, wish: { wish: 'help' } }
  if (key.text === 'h' && lease !== undefined) {
    const { leaseId, token, holder } = lease
    const target = { leaseId, token, holder }
    return only({ ...state, selected: leaseId, mode: { kind: 'reason', target, typed: '', isMissing: false } })
  }
  return only(state)
}

function inFilter(state: ScreenState, { before }: Mode & { readonly kind: 'filter' }, key: Key): Pressed {
  if (key.key === 'enter') return list(state)
  if (key.key === 'escape') return list({ ...state, filter: before })
  return only({ ...state, filter: typed(state.filter, key) })
}

function inPage(state: ScreenState, mode: Mode & { readonly kind: 'page' }, key: Key, around: Surroundings): Pressed {
  const steps = stepsOf(key, around.page)
  if (steps !== null) {
    const top = Math.min(Math.max(0, around.lines - around.page), Math.max(0, mode.top + steps))
    return only({ ...state, mode: { ...mode, top } })
  }
  const leaves = key.key === 'escape' || key.key === 'enter' || (key.key === 'text' && /^[q?]$/.test(key.text))
  return leaves ? list(state) : only(state)
}

function inReason(state: ScreenState, mode: Mode & { readonly kind: 'reason' }, key: Key): Pressed {
  if (key.key === 'escape') return list(state)
  if (key.key !== 'enter') {
    return only({ ...state, mode: { ...mode, typed: typed(mode.typed, key), isMissing: false } })
  }
  const reason = mode.typed.trim()
  if (reason === '') return only({ ...state, mode: { ...mode, isMissing: true } })
  return only({ ...state, mode: { kind: 'confirm', target: mode.target, reason } })
}

/** Only `y` sends it. What was typed ahead, or pasted with a line's end, confirms nothing. */
function inConfirm(state: ScreenState, { target, reason }: Mode & { readonly kind: 'confirm' }, key: Key): Pressed {
  const isSent = key.key === 'text' && key.text === 'y'
  return { ...list(state), wish: isSent ? { wish: 'halt', target, reason } : null }
}

function stepsOf(key: Key, page: number): number | null {
  switch (key.key) {
    case 'up':
      return -1
    case 'down':
      return 1
    case 'page-up':
      return -Math.max(1, page - 1)
    case 'page-down':
      return Math.max(1, page - 1)
    case 'home':
      return Number.NEGATIVE_INFINITY
    case 'end':
      return Number.POSITIVE_INFINITY
    case 'enter':
    case 'escape':
    case 'backspace':
    case 'interrupt':
      return null
    case 'text':
      return { j: 1, k: -1, g: Number.NEGATIVE_INFINITY, G: Number.POSITIVE_INFINITY }[key.text] ?? null
  }
}

function typed(text: string, key: Key): string {
  if (key.key === 'backspace') return Array.from(text).slice(0, -1).join('')
  return key.key === 'text' ? (text + key.text).slice(0, TYPED_MAX) : text
}
