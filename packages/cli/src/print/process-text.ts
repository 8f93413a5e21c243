import type { ProcessIdentity } from '@holdfast/core'

/** A process for people: `pid 4711 on build-3`. */
export function processText(process: ProcessIdentity | null): string {
  return process === null ? 'no process' : `pid ${process.pid} on ${process.host}`
}
