import { join } from 'node:path'
import {
  presence,
  type PresenceBasis,
  type PresencePolicy,
  type PresenceVerdict,
  type ProcessIdentity,
  type ProcessStatus,
} from '@holdfast/core'
import type { BeatFiles } from '../heartbeat/beat-files.ts'
import { BEAT_BYTES_MAX, parseBeat, type BeatFormat, type BeatRecord } from '../heartbeat/beat-format.ts'
import { thisHost } from '../process/identity.ts'
import type { ProcessProbe } from '../process/probe.ts'
import { parsePresenceName } from './presence-name.ts'

/** One heartbeat file and what it shows. */
export interface PresenceEntry {
  readonly path: string
  readonly pid: number
  readonly uuid: string
  /** Milliseconds since the epoch, by the writer's wall clock; that of the file when its text is torn. */
  readonly lastRefreshMs: number
  /** At the instant of the reading; below 0 for a refresh from the future. */
  readonly ageMs: number
  readonly process: ProcessStatus
  readonly verdict: PresenceVerdict
  readonly basis: PresenceBasis
  /** The verdict as a sentence. */
  readonly reason: string
  /** Why pid and uuid come from the name and the refresh from the file's own time; `null` when its text was read. */
  readonly torn: string | null
  /** `null` when torn. */
  readonly format: BeatFormat | null
  readonly startedAtMs: number | null
  readonly version: string | null
}

/** `gone`: removed meanwhile. `skipped`: nobody's, as far as can be read. */
export type PresenceReading =
  | { readonly found: 'entry'; readonly entry: PresenceEntry }
  | { readonly found: 'gone' }
  | { readonly found: 'skipped'; readonly reason: string }

export interface PresencePorts {
  readonly files: BeatFiles
  readonly probe: ProcessProbe
  /** Milliseconds since the epoch. */
  readonly wallMs: () => number
}

/** Reads and judges one heartbeat file: `name` says whose it is, `at` where it lies (default under that name). */
export async function readPresence(
  place: { readonly directory: string; readonly name: string; readonly at?: string | undefined },
  policy: PresencePolicy,
  { files, probe, wallMs }: PresencePorts,
): Promise<PresenceReading> {
  const { directory, name, at } = place
  const reading = await files.read(at ?? join(directory, name), BEAT_BYTES_MAX)
  if (reading.found === 'missing') return { found: 'gone' }
  if (reading.found === 'unusable') return { found: 'skipped', reason: reading.detail }
  const parsed = parseBeat(reading.text)
  const named = parsePresenceName(name)
  let owner: Owner
  if (parsed.ok) owner = ownerOf(parsed.beat, named?.uuid ?? '')
  else if (named === null) return { found: 'skipped', reason: `${parsed.detail}; and its name tells no pid` }
  else owner = { ...NOTHING_KNOWN, ...named, lastRefreshMs: reading.modifiedAtMs, torn: parsed.detail }

  const { identity, ...told } = owner
  // The clock is read after the file, or a refresh in between would lie in the future.
  const ageMs = Math.floor(wallMs()) - told.lastRefreshMs
  const process = statusOf(told.pid, identity, probe)
  const { verdict, basis, reason } = presence({ ageMs, process, torn: told.torn !== null, policy })
  return { found: 'entry', entry: { path: join(directory, name), ...told, ageMs, process, verdict, basis, reason } }
}

type Told = Pick<PresenceEntry, 'pid' | 'uuid' | 'lastRefreshMs' | 'torn' | 'format' | 'startedAtMs' | 'version'>

interface Owner extends Told {
  /** `null`: a bare pid, taken for one of this host. */
  readonly identity: ProcessIdentity | 'elsewhere' | null
}

const NOTHING_KNOWN = { identity: null, format: null, startedAtMs: null, version: null } as const

function ownerOf(beat: BeatRecord, uuidByName: string): Owner {
  const { atMs, pid, uuid, process, hostname, format, startedAtMs, version } = beat
  const foreign = hostname !== null && hostname !== thisHost().host
  const identity = process ?? (foreign ? 'elsewhere' : null)
  return { pid, uuid: uuid ?? uuidByName, lastRefreshMs: atMs, torn: null, identity, format, startedAtMs, version }
}

function statusOf(pid: number, identity: Owner['identity'], probe: ProcessProbe): ProcessStatus {
  if (identity === 'elsewhere') return 'unknown'
  // A signal to pid 0 or below would reach a group: such a pid names no process.
  if (pid <= 0) return 'dead'
  return probe(identity ?? { ...thisHost(), pid, processStart: null })
}
