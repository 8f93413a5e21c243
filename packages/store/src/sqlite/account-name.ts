import { readFileSync } from 'node:fs'

/** The name of a user, or its number where the system's list does not have it. For messages only. */
export function userName(uid: number): string {
  return nameIn('/etc/passwd', uid) ?? String(uid)
}

/** The same of a group. */
export function groupName(gid: number): string {
  return nameIn('/etc/group', gid) ?? String(gid)
}

/** A mode as `chmod` takes it. */
export function modeText(mode: number): string {
  return `0${(mode & 0o7777).toString(8).padStart(3, '0')}`
}

function nameIn(list: string, id: number): string | undefined {
  try {
    const lines = readFileSync(list, 'utf8').split('\n')
    return lines.map(line => line.split(':')).find(([, , number]) => Number(number) === id)?.[0]
  } catch {
    return undefined // No such list here: the number has to do.
  }
}
