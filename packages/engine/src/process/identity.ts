import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ProcessIdentity } from '@holdfast/core'

/** A process as Linux shows it; `gone` when there is none of that pid, `unreadable` when it does not say. */
export type ProcessRecord =
  | { readonly found: 'running' | 'zombie'; readonly processStart: string }
  | { readonly found: 'gone' | 'unreadable' }

/** Index of the start time among the fields of `/proc/PID/stat` that follow the command's name. */
const STATE_FIELD = 0
const START_FIELD = 19

/**
 * Reads what Linux says of a pid. The command's name may hold spaces and parentheses, so fields count from the last
 * closing one.
 */
export function readProcess(pid: number): ProcessRecord {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch (error) {
    return { found: isMissing(error) && hasProc() ? 'gone' : 'unreadable' }
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const processStart = fields[START_FIELD]
  if (processStart === undefined || !/^\d+$/.test(processStart)) return { found: 'unreadable' }
  // A zombie runs nothing any more; it only waits for its parent.
  const state = fields[STATE_FIELD]
  return { found: state === 'Z' || state === 'X' ? 'zombie' : 'running', processStart }
}

/** The surroundings that give a pid its meaning. */
export interface Host {
  readonly host: string
  readonly bootId: string | null
  readonly pidNamespace: string | null
}

let own: Host | undefined

/** This machine, boot and pid namespace. */
export function thisHost(): Host {
  own ??= {
    host: hostname(),
    bootId: textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    pidNamespace: textOf(() => readlinkSync('/proc/self/ns/pid')),
  }
  return own
}

/** The identity of a process that runs here now; `null` when there is none of that pid. */
export function identify(pid: number): ProcessIdentity | null {
  const record = readProcess(pid)
  if (record.found === 'gone' || record.found === 'zombie') return null
  return { ...thisHost(), pid, processStart: record.found === 'running' ? record.processStart : null }
}

let self: ProcessIdentity | undefined

/** The identity of this process. */
export function thisProcess(): ProcessIdentity {
  self ??= identify(process.pid) ?? { ...thisHost(), pid: process.pid, processStart: null }
  return self
}

function hasProc(): boolean {
  return textOf(() => readFileSync('/proc/self/stat', 'utf8')) !== null
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
}

function textOf(read: () => string): string | null {
  try {
    return read().trim()
  } catch {
    // Absence is the answer: not every platform has it.
    return null
  }
}
