import * as z from 'zod'

/**
 * One incarnation of a process: enough to tell a reused pid from the process that was meant.
 *
 * - `host`: the host's name, for people and for "is this mine to probe?".
 * - `bootId`: identifies the boot of that host; a process of another boot is dead.
 * - `pidNamespace`: pids mean nothing in another namespace.
 * - `processStart`: start time in the unit the platform gives (clock ticks since boot on Linux), as text.
 *
 * `bootId`, `pidNamespace` and `processStart` are `null` where the platform does not tell (and in imports).
 */
export const ProcessIdentity = z.looseObject({
  host: z.string().min(1).max(256),
  bootId: z.string().max(128).nullable(),
  pidNamespace: z.string().max(128).nullable(),
  pid: z.int().positive(),
  processStart: z.string().max(64).nullable(),
})
export type ProcessIdentity = z.infer<typeof ProcessIdentity>

/** What a probe found. `unknown` is an answer: it never counts as dead. */
export const ProcessStatus = z.enum(['alive', 'dead', 'unknown'])
export type ProcessStatus = z.infer<typeof ProcessStatus>

/** A key under which equal identities collide and different ones do not. */
export function processKey(process: ProcessIdentity): string {
  return JSON.stringify([process.host, process.bootId, process.pidNamespace, process.pid, process.processStart])
}

/** Whether both name the same incarnation; two unknown processes (`null`) are not the same one. */
export function sameProcess(a: ProcessIdentity | null, b: ProcessIdentity | null): boolean {
  if (a === null || b === null) return false
  return (
    a.pid === b.pid &&
    a.host === b.host &&
    a.processStart === b.processStart &&
    a.bootId === b.bootId &&
    a.pidNamespace === b.pidNamespace
  )
}
