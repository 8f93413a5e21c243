import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { UsageError } from '../failure/usage-error.ts'

/** A group of this system. */
export interface Group {
  readonly group: string
  readonly gid: number
}

/** The group that `--shared` names, by name or number. Whoever shares must be in it: else nothing could be given to it. */
export function groupToShare(text: string): Group {
  const found = lookUp(text)
  if (found === undefined) {
    throw new UsageError(
      `shared: there is no group ${JSON.stringify(text)} here; \`getent group\` lists those that are.`,
    )
  }
  const isMember = process.getegid?.() === found.gid || (process.getgroups?.() ?? []).includes(found.gid)
  if (isMember || process.geteuid?.() === 0) return found
  throw new UsageError(
    `shared: this user is not in group ${found.group}; nothing was shared. Name one of those that \`id -Gn\` tells, or log in again if you were added to it just now.`,
  )
}

function lookUp(text: string): Group | undefined {
  if (text === '' || process.getegid === undefined) return undefined
  return groupIn(groupFile(), text) ?? groupIn(askSystem(text), text) ?? byNumber(text)
}

function groupIn(list: string, text: string): Group | undefined {
  for (const line of list.split('\n')) {
    const [group = '', , gid = ''] = line.split(':')
    if ((group === text || gid === text) && /^\d+$/.test(gid)) return { group, gid: Number(gid) }
  }
  return undefined
}

function groupFile(): string {
  try {
    return readFileSync('/etc/group', 'utf8')
  } catch {
    return '' // Not every system has it.
  }
}

/** Groups of a directory service stand in no file. */
function askSystem(text: string): string {
  try {
    return execFileSync('getent', ['group', '--', text], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return '' // No such group, or no such command.
  }
}

/** A number needs no name: containers have groups without one. */
function byNumber(text: string): Group | undefined {
  return /^\d{1,10}$/.test(text) ? { group: text, gid: Number(text) } : undefined
}
