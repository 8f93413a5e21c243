import { systemProbe } from '../process/probe.ts'
import { readAnnouncement, serveFolder } from './place.ts'

/** A server of a store, as it has announced itself. */
export interface SeenServer {
  readonly pid: number
  /** `unknown`: it may run in another container or on another host. */
  readonly process: 'alive' | 'unknown'
  /** `null`: it is of a version that does not say so. */
  readonly since: string | null
  readonly version: string
  readonly socket: string
  /** Where it listens for HTTP; `null`: nowhere, or it is of a version that does not say so. */
  readonly listen: string | null
}

/** Who serves a store; `null`: nobody who is announced and may live. Nobody is asked. */
export function serverSeen(storeUrl: string): SeenServer | null {
  const announced = readAnnouncement(serveFolder(storeUrl))
  if (announced === null) return null
  const process = systemProbe(announced.process)
  if (process === 'dead') return null
  const { version, socket, since = '', listen = null } = announced
  const sinceMs = Date.parse(since)
  const at = Number.isNaN(sinceMs) ? null : new Date(sinceMs).toISOString()
  return { pid: announced.process.pid, process, since: at, version, socket, listen }
}
