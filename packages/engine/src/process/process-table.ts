import { readdirSync } from 'node:fs'
import { readStat, type ProcessStat } from './stat.ts'

export interface ListedProcess extends ProcessStat {
  readonly pid: number
}

/** All processes that the platform shows; empty where it does not tell. What ends during the look may be missing. */
export function listProcesses(): readonly ListedProcess[] {
  return processFolders().flatMap(name => {
    try {
      const stat = readStat(name)
      return stat === null ? [] : [{ pid: Number(name), ...stat }]
    } catch {
      // It ended while we looked.
      return []
    }
  })
}

function processFolders(): string[] {
  try {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name))
  } catch {
    // No /proc: nothing can be said.
    return []
  }
}
