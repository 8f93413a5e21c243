import type { ProcessStatus } from '@holdfast/core'
import { PresenceScanner, type PresenceEntry, type PresenceScannerOptions } from '@holdfast/engine'
import { VirtualTime } from '../setup/virtual-time.ts'
import { Folder } from './folder.ts'

/** A folder of wrapper heartbeats under virtual time; processes are `unknown` unless `processes` says otherwise. */
export class Office {
  readonly time = new VirtualTime()
  readonly folder = new Folder(this.time.wall)
  readonly processes = new Map<number, ProcessStatus>()
  readonly scanner: PresenceScanner

  constructor(options: PresenceScannerOptions = {}) {
    this.scanner = new PresenceScanner('/wrappers', {
      files: this.folder,
      probe: ({ pid }) => this.processes.get(pid) ?? 'unknown',
      wallMs: this.time.wall,
      boot: this.time.boot,
      ...options,
    })
  }

  pathOf(pid: number): string {
    return `/wrappers/heartbeat-${pid}-u${pid}.json`
  }

  /** A file in the wrappers' plain format whose refresh is `ageMs` old now. */
  beat(pid: number, ageMs = 0, process?: ProcessStatus): void {
    this.folder.put(this.pathOf(pid), wrapperText(pid, this.time.wall() - ageMs))
    if (process !== undefined) this.processes.set(pid, process)
  }

  async verdicts(): Promise<Record<string, PresenceEntry['verdict']>> {
    const { entries } = await this.scanner.scan()
    return Object.fromEntries(entries.map(({ pid, verdict }) => [pid, verdict]))
  }
}

export function wrapperText(pid: number, refreshedAtMs: number): string {
  return JSON.stringify({
    pid,
    uuid: `u${pid}`,
    started_at: '1970-01-01T00:00:00Z',
    last_refresh: new Date(refreshedAtMs).toISOString(),
    wrapper_version: '1.0.0',
    schema_version: 1,
  })
}
