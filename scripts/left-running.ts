// Finds the processes that a test run has started, also those that no longer descend from it, by a mark in their
// environment. Only Linux shows that of a process; elsewhere none are found.
import { readdirSync, readFileSync } from 'node:fs'

/** In the environment of all that a test run starts, with a value of that run's own. */
export const RUN_MARK = 'HOLDFAST_TEST_RUN'

const ROUNDS_MAX = 100
const ROUND_MS = 20

export interface Running {
  readonly pid: number
  /** Its command line, words parted by blanks. */
  readonly command: string
}

/** All processes but this one whose environment has the entry `NAME=VALUE`; ones of other users show nothing. */
export function runningWith(entry: string): readonly Running[] {
  const found: Running[] = []
  for (const pid of pids()) {
    const environment = readWords(`/proc/${pid}/environ`)
    if (pid === process.pid || !environment.includes(entry)) continue
    found.push({ pid, command: readWords(`/proc/${pid}/cmdline`).join(' ').trim() })
  }
  return found
}

/** Kills them, until none is left that could have started another; answers all that there were. */
export function killAllWith(entry: string): readonly Running[] {
  const killed = new Map<number, Running>()
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const found = runningWith(entry)
    if (found.length === 0) break
    for (const running of found) {
      killed.set(running.pid, running)
      kill(running.pid)
    }
    // What was killed is to be seen for a moment longer; this also runs where a process is about to exit.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ROUND_MS)
  }
  return [...killed.values()]
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(Number)
  } catch {
    return []
  }
}

/** A zombie has none. */
function readWords(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\0')
  } catch {
    return []
  }
}
