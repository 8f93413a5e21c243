import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { ProcessIdentity } from '@holdfast/core'
import { readStat, type ProcessStat } from './stat.ts'

/** A process as Linux shows it; `gone` when there is none of that pid, `unreadable` when it does not say. */
export type ProcessRecord =
  | { readonly found: 'running' | 'zombie'; readonly processStart: string }
  | { readonly found: 'gone' | 'unreadable' }

/**
 * Reads what Linux says of a pid. A `/proc` that hides the processes of others shows them like ones that are gone, so
 * the kernel is asked once more: only "no such process" means `gone`.
 */
export function readProcess(pid: number, read: (pid: number) => ProcessStat | null = readStat): ProcessRecord {
  try {
    const stat = read(pid)
    if (stat === null) return { found: 'unreadable' }
    return { found: stat.ended ? 'zombie' : 'running', processStart: stat.processStart }
  } catch (error) {
    return { found: isMissing(error) && hasProc() && !exists(pid) ? 'gone' : 'unreadable' }
  }
}

/** The surroundings that give a pid its meaning. */
export interface Host {
  readonly host: string
  readonly bootId: string | null
  readonly pidNamespace: string | null
  /** Linux tells a process's start by the clock of whoever reads: starts compare within one time namespace alone. */
  readonly timeNamespace: string | null
}

let own: Host | undefined

/** This machine, boot and pid namespace. */
export function thisHost(): Host {
  own ??= {
    host: hostname(),
    bootId: textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    pidNamespace: textOf(() => readlinkSync('/proc/self/ns/pid')),
    timeNamespace: textOf(() => readlinkSync('/proc/self/ns/time')),
  }
  return own
}

/** The identity of a process that runs here now; `null` when there is none of that pid. */
export function identify(pid: number): ProcessIdentity | null {
  const record = readProcess(pid)
  if (record.found === 'gone' || record.found === 'zombie') return null
  return { ...thisHost(), pid, processStart: record.found === 'running' ? record.processStart : null }
}

/** Whether the start that an identity tells was read by this process's clock. One that does not say, older ones, was. */
export function countsStartsAlike({ timeNamespace }: ProcessIdentity): boolean {
  return typeof timeNamespace !== 'string' || timeNamespace === thisHost().timeNamespace
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

/** Signal 0 does nothing; a process that is not ours answers that it may not be signalled, so it is there. */
function exists(pid: number): boolean {
  // Zero and below name groups of processes.
  if (pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ESRCH'
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function textOf(read: () => string): string | null {
  try {
    return read().trim()
  } catch {
    // Absence is the answer: not every platform has it.
    return null
  }
}
