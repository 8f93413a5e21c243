import { basename } from 'node:path'
import type { PresencePolicy } from '@holdfast/core'
import { systemBootClock, type BootClock } from '@holdfast/store'
import { checkOptions, checkText } from '../check-given.ts'
import { parseDuration, type DurationInput } from '../duration.ts'
import type { BeatFiles } from '../heartbeat/beat-files.ts'
import { systemFiles } from '../heartbeat/system-files.ts'
import { systemProbe, type ProcessProbe } from '../process/probe.ts'
import { Cleanup, type CleanupReport } from './cleanup.ts'
import { IdleWindow, type IdleReading } from './idle-window.ts'
import { readPresence, type PresenceEntry, type PresencePorts } from './presence-entry.ts'
import { PresenceError } from './presence-error.ts'
import { isPresenceFile } from './presence-name.ts'

/** Age past which a heartbeat file is STALE, unless the caller says otherwise. */
export const PRESENCE_STALE_MS = 90_000

/** Window of `idleSince`, unless the caller says otherwise. */
export const IDLE_WINDOW_MS = 30 * 60_000

/** Files that one scan reads at a time. */
const READS_MAX = 32

export interface PresenceScannerOptions {
  /** Default 90 s. */
  readonly stale?: DurationInput | undefined
  readonly probe?: ProcessProbe | undefined
  readonly files?: BeatFiles | undefined
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly wallMs?: (() => number) | undefined
  readonly boot?: BootClock | undefined
}

/** A file of a heartbeat's name that says nothing. */
export interface SkippedFile {
  readonly name: string
  readonly reason: string
}

export interface PresenceScan {
  /** End of the scan, in ms since the epoch. */
  readonly atMs: number
  /** By name. A file that vanished during the scan is not there. */
  readonly entries: readonly PresenceEntry[]
  readonly freshCount: number
  readonly skipped: readonly SkippedFile[]
}

/**
 * Who beats in a folder of `heartbeat-<pid>-<uuid>.json` files. Each question scans anew; a folder that is not there is
 * empty. Scans and cleanups of several processes may run beside each other and beside the writers.
 *
 * A file without a process identity (any but our own format) tells a bare pid: it is taken for one of this host, is dead
 * when no process has it, and `unknown` otherwise, for it may have been reused. In a folder that is shared between hosts
 * or containers use our own format, which tells where a pid belongs.
 *
 * Every method rejects with a PresenceError `unreadable-folder` when the folder is there and cannot be listed.
 */
export class PresenceScanner {
  readonly directory: string
  readonly #policy: PresencePolicy
  readonly #ports: PresencePorts
  readonly #boot: BootClock
  readonly #idle = new IdleWindow()

  /** @throws InputError when `stale` is no duration, or something is of another kind. */
  constructor(directory: string, options: PresenceScannerOptions = {}) {
    checkText(directory, 'directory')
    checkOptions(options, { files: 'object', probe: 'function', wallMs: 'function', boot: 'object' })
    const { files = systemFiles, probe = systemProbe, wallMs = Date.now, boot = systemBootClock() } = options
    this.directory = directory
    this.#policy = { staleMs: parseDuration(options.stale ?? PRESENCE_STALE_MS, 'stale') }
    this.#ports = { files, probe, wallMs }
    this.#boot = boot
  }

  /** Judges every heartbeat file. */
  async scan(): Promise<PresenceScan> {
    return (await this.#look()).scan
  }

  async freshCount(): Promise<number> {
    return (await this.scan()).freshCount
  }

  /** Whether anybody is FRESH now. */
  async isActive(): Promise<boolean> {
    return (await this.freshCount()) > 0
  }

  /**
   * Whether nobody beat for a whole window (default 30 min). It remembers the newest beat of every scan of this scanner,
   * so a beat counts although its file is gone or stale by now; `unknown` until it has watched for a window.
   *
   * @throws InputError when the window is no duration.
   */
  async idleSince(window: DurationInput = IDLE_WINDOW_MS): Promise<IdleReading> {
    const windowMs = parseDuration(window, 'window')
    await this.scan()
    return this.#idle.read(windowMs, this.#boot.nowMs())
  }

  /**
   * Removes STALE and ORPHAN files; those whose refresh lies in the future only when their process is dead. A file that
   * is refreshed meanwhile survives. Best effort: failures of single files are in the report.
   */
  async cleanup(): Promise<CleanupReport> {
    const { scan, names } = await this.#look()
    return new Cleanup(this.directory, this.#policy, this.#ports).run(scan.entries, names)
  }

  async #look(): Promise<{ readonly scan: PresenceScan; readonly names: readonly string[] }> {
    const names = await this.#names()
    const entries: PresenceEntry[] = []
    const skipped: SkippedFile[] = []
    const waiting = names.filter(isPresenceFile).sort()
    const readNext = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        const reading = await readPresence({ directory: this.directory, name }, this.#policy, this.#ports)
        if (reading.found === 'entry') entries.push(reading.entry)
        else if (reading.found === 'skipped') skipped.push({ name, reason: reading.reason })
      }
    }
    await Promise.all(Array.from({ length: READS_MAX }, readNext))
    entries.sort((a, b) => (basename(a.path) < basename(b.path) ? -1 : 1))
    this.#idle.note(entries, this.#boot.nowMs())
    const freshCount = entries.filter(({ verdict }) => verdict === 'FRESH').length
    return { scan: { atMs: Math.floor(this.#ports.wallMs()), entries, freshCount, skipped }, names }
  }

  async #names(): Promise<readonly string[]> {
    try {
      const reading = await this.#ports.files.list(this.directory)
      return reading.found === 'missing' ? [] : reading.names
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const message = `cannot list ${this.directory}: ${why}; name a folder that this user may read`
      throw new PresenceError('unreadable-folder', message, { cause })
    }
  }
}
