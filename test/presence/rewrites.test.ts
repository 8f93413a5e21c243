import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PresenceScanner, readBeat } from '@holdfast/engine'
import { expect, test } from 'vitest'

const WRITERS = 4
const REWRITES = 2500

test(
  '10,000 rewrites by four processes beside a scanner: nothing torn is read, no live file is cleaned',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-rewrites-'))
    try {
      const run = promisify(execFile)
      const script = fileURLToPath(new URL('writer.ts', import.meta.url))
      let running = true
      const writers = Promise.all(
        Array.from({ length: WRITERS }, () => run(process.execPath, [script, folder, String(REWRITES)])),
      ).finally(() => (running = false))
      const scanned = watch(folder, () => running)
      const reports = (await writers).map(({ stdout }): unknown => JSON.parse(stdout))
      expect(reports).toEqual(reports.map(() => ({ rewrites: REWRITES, lost: 0 })))
      const { looks, removed, faults } = await scanned
      expect(faults).toEqual([])
      // Otherwise the scanner raced nobody.
      expect(looks).toBeGreaterThan(100)
      expect(removed).toBeGreaterThan(0)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

async function watch(
  folder: string,
  running: () => boolean,
): Promise<{ looks: number; removed: number; faults: string[] }> {
  const scanner = new PresenceScanner(folder)
  const faults: string[] = []
  let looks = 0
  let removed = 0
  while (running()) {
    const { entries, skipped } = await scanner.scan()
    looks += entries.length
    faults.push(...skipped.map(({ reason }) => reason))
    for (const { torn, path } of entries) {
      if (torn !== null) faults.push(torn)
      const reading = await readBeat(path)
      if (reading.outcome === 'read') {
        const { step, filler, hash } = reading.beat.metadata
        const expected = createHash('sha256')
          .update(`${String(step)}${String(filler)}`)
          .digest('hex')
        if (hash !== expected) faults.push(`step ${String(step)} is mixed`)
      } else if (reading.reason !== 'missing') faults.push(reading.detail)
    }
    const report = await scanner.cleanup()
    removed += report.removed.length
    await pause(1)
    faults.push(...report.failed.map(({ cause }) => String(cause)))
  }
  return { looks, removed, faults }
}
