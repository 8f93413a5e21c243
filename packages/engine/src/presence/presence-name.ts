import { checkObject } from '../check-given.ts'

const CANDIDATE = /^heartbeat-.*\.json$/s
const NAMED = /^heartbeat-(-?\d{1,15})-(.+)\.json$/s
const LEFTOVER = /^\.(heartbeat-.*\.json)\.[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\.(tmp|aside)$/s

/** Who a heartbeat file belongs to, by its name. */
export interface PresenceName {
  readonly pid: number
  readonly uuid: string
}

/** `heartbeat-<pid>-<uuid>.json` */
export function presenceFileName(name: PresenceName): string {
  checkObject(name, 'name')
  const { pid, uuid } = name
  return `heartbeat-${pid}-${uuid}.json`
}

/** Whether a scan looks at a file of this name. */
export function isPresenceFile(name: string): boolean {
  return CANDIDATE.test(name)
}

/** `null` when the name does not say. */
export function parsePresenceName(name: string): PresenceName | null {
  const [, pid, uuid] = NAMED.exec(name) ?? []
  return pid === undefined || uuid === undefined ? null : { pid: Number(pid), uuid }
}

/** What a writer (`tmp`) or a cleanup (`aside`) that was killed midway left behind, and the name it was for. */
export interface Leftover {
  readonly kind: 'tmp' | 'aside'
  readonly of: string
}

/** `null` for any name but a leftover's. */
export function parseLeftover(name: string): Leftover | null {
  const [, of, kind] = LEFTOVER.exec(name) ?? []
  return of === undefined || (kind !== 'tmp' && kind !== 'aside') ? null : { kind, of }
}
