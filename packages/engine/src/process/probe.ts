import type { ProcessIdentity, ProcessStatus } from '@holdfast/core'
import { countsStartsAlike, readProcess, thisHost } from './identity.ts'

/** Says whether a process still runs. `unknown` is an answer; a wrong `dead` would give away a lease that is held. */
export type ProcessProbe = (process: ProcessIdentity) => ProcessStatus

/**
 * The probe of this machine. What it cannot know it does not guess: a process of another host, boot or pid namespace is
 * `unknown`, and so is a pid whose start was never recorded, or recorded in another time namespace, for it may have been
 * reused.
 */
export const systemProbe: ProcessProbe = process => {
  const here = thisHost()
  if (process.host !== here.host || process.pidNamespace !== here.pidNamespace) return 'unknown'
  // Host names repeat across machines: another boot id may be another machine.
  if (process.bootId === null || process.bootId !== here.bootId) return 'unknown'
  const record = readProcess(process.pid)
  switch (record.found) {
    case 'gone':
      return 'dead'
    case 'unreadable':
      return 'unknown'
    case 'zombie':
    case 'running':
      if (process.processStart === null || !countsStartsAlike(process)) return 'unknown'
      if (process.processStart !== record.processStart) return 'dead'
      return record.found === 'zombie' ? 'dead' : 'alive'
  }
}
