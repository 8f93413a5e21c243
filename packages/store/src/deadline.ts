import { AsyncLocalStorage } from 'node:async_hooks'

/** A span that a call has for all that it does; `outer`: of the call that made this one. */
interface Scope {
  endMs: number
  readonly outer: Scope | undefined
}

const scopes = new AsyncLocalStorage<Scope | undefined>()

/**
 * Runs `run` and all that it calls and waits for under one deadline. Within another the sooner one counts. It ends nothing
 * by itself: who waits for a server asks `remainingMs`.
 */
export function withinDeadline<T>(spanMs: number, run: () => Promise<T>): Promise<T> {
  const outer = scopes.getStore()
  return scopes.run({ endMs: Math.min(performance.now() + spanMs, outer?.endMs ?? Infinity), outer }, run)
}

/** Runs `run`, and what it begins, under no deadline of whoever happens to start it: it works for others, or goes on after them. */
export function withoutDeadline<T>(run: () => T): T {
  return scopes.run(undefined, run)
}

/** Milliseconds that are left of the deadline that this runs under; infinite without one, never below 0. */
export function remainingMs(): number {
  return Math.max(0, (scopes.getStore()?.endMs ?? Infinity) - performance.now())
}

/** Time that does not count: what was waited for came, and there is much of it. */
export function spareDeadline(spanMs: number): void {
  for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) scope.endMs += spanMs
}
