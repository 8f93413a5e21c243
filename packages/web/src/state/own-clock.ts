import { computed, signal } from '@preact/signals'

/** An instant on both clocks of this machine: one that never steps, and one that goes on while the machine sleeps. */
export interface OwnInstant {
  readonly steadyMs: number
  readonly wallMs: number
}

export function ownInstant(): OwnInstant {
  return { steadyMs: performance.now(), wallMs: Date.now() }
}

/** Moves once a second while somebody looks. */
export const clock = signal(ownInstant())

/** When something was last heard from the server. */
export const heardAt = signal<OwnInstant>({ steadyMs: Number.NEGATIVE_INFINITY, wallMs: 0 })

/**
 * For how long nothing was heard. The clock that says more is believed: the steady one may stop while the machine sleeps, the
 * other one may be set back.
 */
export const silenceMs = computed(() => {
  const { steadyMs, wallMs } = clock.value
  return Math.max(0, steadyMs - heardAt.value.steadyMs, wallMs - heardAt.value.wallMs)
})

/** The log clock less the steady clock: what the browser calls the time of day says nothing about leases. */
export const logAheadMs = signal<number | null>(null)

/** The log clock now. Before the server has said it, the browser's own time stands in; nothing is judged by it. */
export const logNowMs = computed(() => {
  const { steadyMs, wallMs } = clock.value
  return logAheadMs.value === null ? wallMs : steadyMs + logAheadMs.value
})
