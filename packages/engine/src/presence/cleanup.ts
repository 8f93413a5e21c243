import { join } from 'node:path'
import type { PresencePolicy } from '@holdfast/core'
import { besideName } from '../heartbeat/system-files.ts'
import { readPresence, type PresenceEntry, type PresencePorts, type PresenceReading } from './presence-entry.ts'
import { parseLeftover } from './presence-name.ts'

/** A file that should have gone and could not. */
export interface CleanupFailure {
  readonly path: string
  readonly cause: unknown
}

export interface CleanupReport {
  /** Heartbeat files that this call removed. */
  readonly removed: readonly string[]
  /** Gone before this call came to them. */
  readonly alreadyGone: readonly string[]
  /** Judged STALE or ORPHAN at first and refreshed before the removal. */
  readonly refreshed: readonly string[]
  /** Files that writers and cleanups which were killed midway had left behind. */
  readonly swept: readonly string[]
  readonly failed: readonly CleanupFailure[]
}

interface Tally {
  readonly removed: string[]
  readonly alreadyGone: string[]
  readonly refreshed: string[]
  readonly swept: string[]
  readonly failed: CleanupFailure[]
}

/**
 * Whether nobody is behind an entry. A refresh from the future is STALE, but a stepped clock explains it as well as a
 * dead writer: only its process can tell.
 */
export function isRemovable({ verdict, basis, process }: PresenceEntry): boolean {
  return verdict === 'ORPHAN' || (verdict === 'STALE' && (basis === 'old' || process === 'dead'))
}

/** Removes what is left behind. Best effort: a file that resists is named in the report, and the rest goes on. */
export class Cleanup {
  readonly #directory: string
  readonly #policy: PresencePolicy
  readonly #ports: PresencePorts

  constructor(directory: string, policy: PresencePolicy, ports: PresencePorts) {
    this.#directory = directory
    this.#policy = policy
    this.#ports = ports
  }

  /** @param names All names in the folder. */
  async run(entries: readonly PresenceEntry[], names: readonly string[]): Promise<CleanupReport> {
    const tally: Tally = { removed: [], alreadyGone: [], refreshed: [], swept: [], failed: [] }
    for (const entry of entries) {
      if (isRemovable(entry)) await this.#attempt(entry.path, tally, () => this.#remove(entry, tally))
    }
    for (const name of names) {
      await this.#attempt(join(this.#directory, name), tally, () => this.#sweep(name, tally))
    }
    return tally
  }

  async #attempt(path: string, tally: Tally, act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (cause) {
      tally.failed.push({ path, cause })
    }
  }

  /**
   * A look and an unlink are two steps, and a writer can refresh the file between them. So the file is looked at again,
   * then moved aside, and what was moved is judged once more: nothing is unlinked that was not judged in its last state.
   */
  async #remove({ path }: PresenceEntry, tally: Tally): Promise<void> {
    const { files } = this.#ports
    const name = path.slice(this.#directory.length).replace(/^[/\\]+/, '')
    const again = await this.#read(name)
    if (again.found === 'gone') tally.alreadyGone.push(path)
    else if (isLive(again)) tally.refreshed.push(path)
    else {
      const aside = besideName(path, 'aside')
      if (!(await files.move(path, aside))) tally.alreadyGone.push(path)
      else if (isLive(await this.#read(name, aside))) {
        await files.giveBack(aside, path)
        tally.refreshed.push(path)
      } else {
        await files.remove(aside)
        tally.removed.push(path)
      }
    }
  }

  async #sweep(name: string, tally: Tally): Promise<void> {
    const { files, wallMs } = this.#ports
    const leftover = parseLeftover(name)
    if (leftover === null) return
    const path = join(this.#directory, name)
    if (leftover.kind === 'tmp') {
      const reading = await files.read(path, Number.MAX_SAFE_INTEGER)
      // A young one may still be renamed into its place.
      if (reading.found !== 'file' || wallMs() - reading.modifiedAtMs <= this.#policy.staleMs) return
    } else if (isLive(await this.#read(leftover.of, path))) {
      await files.giveBack(path, join(this.#directory, leftover.of))
      return
    }
    if (await files.remove(path)) tally.swept.push(path)
  }

  #read(name: string, at?: string): Promise<PresenceReading> {
    return readPresence({ directory: this.#directory, name, at }, this.#policy, this.#ports)
  }
}

/** What cannot be read is nobody's to remove. */
function isLive(reading: PresenceReading): boolean {
  return reading.found === 'skipped' || (reading.found === 'entry' && !isRemovable(reading.entry))
}
