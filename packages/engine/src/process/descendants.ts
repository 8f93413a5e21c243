import { readdirSync, readFileSync } from 'node:fs'

/** Index of the parent's pid among the fields of `/proc/PID/stat` that follow the command's name. */
const PARENT_FIELD = 1

/** The pids of all processes that descend from `pid`, nearest first; empty where the platform does not tell. */
export function descendantsOf(pid: number): number[] {
  const children = childrenByParent()
  const found: number[] = []
  const open = [pid]
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const child of children.get(next) ?? []) {
      found.push(child)
      open.push(child)
    }
  }
  return found
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>()
  for (const name of processFolders()) {
    const parent = parentOf(name)
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  return children
}

function processFolders(): string[] {
  try {
    return readdirSync('/proc').filter(name => /^\d+$/.test(name))
  } catch {
    // No /proc: nothing can be said.
    return []
  }
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[PARENT_FIELD])
  } catch {
    // It ended while we looked.
    return null
  }
}
