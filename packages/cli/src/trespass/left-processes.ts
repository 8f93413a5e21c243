import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { pathWithin } from '@holdfast/engine/which-ledger'

/** Processes that one look goes through. */
const PROCESSES_MAX = 20_000

/** Age from which a process is no longer looked for: what serves for hours would keep the look going for as long. */
const AGE_MAX_TICKS = 30 * 60 * 100

/** Fields of `/proc/PID/stat` behind the name of the program. */
const FIELD = { state: 0, parent: 1, started: 19 } as const

interface Process {
  readonly state: string
  readonly parent: number
  /** In ticks since the machine was started; a hundred are a second, whatever the kernel counts in. */
  readonly started: number
}

/** When this process was started, in ticks of the kernel; `null`: the system does not say. */
export function ticksNow(): number | null {
  return processAt(process.pid)?.started ?? null
}

/**
 * Whether a process of this user is alive that was started since, and may be what a tool call has left running: it stands
 * in the work tree, or has lost its parent.
 */
export function isLeftRunning(root: string, sinceTicks: number): boolean {
  const own = process.getuid?.()
  const since = Math.max(sinceTicks, (ticksNow() ?? 0) - AGE_MAX_TICKS)
  const spared = ancestors()
  return processes().some(pid => {
    if (spared.has(pid) || statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid !== own) return false
    const found = processAt(pid)
    if (found === null || found.started < since || found.state === 'Z') return false
    return found.parent === 1 || isStandingIn(pid, root)
  })
}

function processes(): readonly number[] {
  const names = readdirSync('/proc').map(Number)
  return names.filter(pid => Number.isInteger(pid)).slice(-PROCESSES_MAX)
}

/** This process, and those that it is called by. */
function ancestors(): ReadonlySet<number> {
  const found = new Set<number>()
  for (let pid = process.pid; pid > 0 && !found.has(pid); pid = processAt(pid)?.parent ?? 0) found.add(pid)
  return found
}

function processAt(pid: number): Process | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name of the program stands in brackets, and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [parent, started] = [Number(fields[FIELD.parent]), Number(fields[FIELD.started])]
    if (!Number.isInteger(parent) || !Number.isInteger(started)) return null
    return { state: fields[FIELD.state] ?? '', parent, started }
  } catch {
    return null
  }
}

/** Where it stands cannot be read of a process that has other rights: it may be there. */
function isStandingIn(pid: number, root: string): boolean {
  try {
    return pathWithin(root, readlinkSync(`/proc/${pid}/cwd`)) !== null
  } catch {
    return statSync(`/proc/${pid}`, { throwIfNoEntry: false }) !== undefined
  }
}
