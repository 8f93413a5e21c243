import { readFileSync } from 'node:fs'

/** What Linux says of a process in `/proc/PID/stat`. */
export interface ProcessStat {
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Clock ticks between boot and start, as text. */
  readonly processStart: string
  /** A zombie runs nothing any more; it only waits for its parent. */
  readonly ended: boolean
}

/** Indexes among the fields that follow the command's name. */
const STATE_FIELD = 0
const PARENT_FIELD = 1
const GROUP_FIELD = 2
const SESSION_FIELD = 3
const START_FIELD = 19

/** Reads and parses the file; `null` when it is not what Linux writes. Throws when it cannot be read. */
export function readStat(pid: number | string): ProcessStat | null {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}

/** The command's name may hold spaces and parentheses, so fields count from the last closing one. */
function parseStat(stat: string): ProcessStat | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const state = fields[STATE_FIELD]
  const processStart = fields[START_FIELD]
  if (state === undefined || processStart === undefined || !/^\d+$/.test(processStart)) return null
  return {
    parent: Number(fields[PARENT_FIELD]),
    group: Number(fields[GROUP_FIELD]),
    session: Number(fields[SESSION_FIELD]),
    processStart,
    ended: state === 'Z' || state === 'X',
  }
}
