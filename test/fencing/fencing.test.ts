import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { Configuration } from '@holdfast/core'
import { openLeanLedger } from '@holdfast/engine/lean'
import { expect, it } from 'vitest'
import { loadSamples, Samples } from './samples.ts'

const LOOK_MS = 20

it('a holder that is stopped in its guard and goes on after a takeover has 0 writes accepted, and starts no other', async () => {
  using samples = new Samples()
  const { saveFile, loadFile, saveRow, fencedDocument, saveRemote } = await loadSamples(samples.folder)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-fencing-'))
  const remote = fencedDocument()
  remote.server.listen(0, '127.0.0.1')
  await once(remote.server, 'listening')
  const url = `http://127.0.0.1:${(remote.server.address() as AddressInfo).port}/`
  const store = `sqlite:${join(folder, 'ledger.db')}`
  await using ledger = await openLeanLedger(store, { config: Configuration.parse({ graceMs: 100 }) })
  using database = new DatabaseSync(join(folder, 'rows.db'))
  database.exec(
    `CREATE TABLE document (id TEXT PRIMARY KEY, text TEXT, token INTEGER); INSERT INTO document VALUES ('a', '', 0)`,
  )

  const script = join(import.meta.dirname, 'stopped-holder.ts')
  const child = spawn(process.execPath, [script, store, samples.folder, folder, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const said = text(child.stdout)
    while (stateOf(child.pid ?? 0) !== 'T') await pause(LOOK_MS)
    const asked = await ledger.hold({ lane: 'document', holder: 'next', ttl: '20s', wait: '20s' })
    if (asked.outcome !== 'granted') throw new Error(asked.outcome)
    await using lease = asked.lease
    await lease.guard(async token => {
      const write = { token, text: 'fresh' }
      writeFileSync(join(folder, 'plain'), 'fresh')
      expect(saveFile(folder, 'fenced', write)).toBe(true)
      expect(saveRow(database, 'a', write)).toBe(true)
      expect(await saveRemote(url, write)).toBe(true)
    })
    child.kill('SIGCONT')
    const report: unknown = JSON.parse(await said)
    expect(report).toEqual({
      accepted: { file: false, row: false, request: false },
      again: expect.stringContaining('LeaseLostError') as unknown,
    })
    const row = database.prepare('SELECT text FROM document').get()
    expect(loadFile(folder, 'never-written')).toBeNull()
    expect([loadFile(folder, 'fenced'), row?.['text'], remote.text()]).toEqual(['fresh', 'fresh', 'fresh'])
    // The control: what compares nothing takes the stale write.
    expect(readFileSync(join(folder, 'plain'), 'utf8')).toBe('stale')
  } finally {
    child.kill('SIGKILL')
    remote.server.close()
    rmSync(folder, { recursive: true })
  }
})

it('a request without a token is refused, and one under the same token is repeated', async () => {
  using samples = new Samples()
  const { fencedDocument, saveRemote } = await loadSamples(samples.folder)
  const { server, text: stored } = fencedDocument()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  try {
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(428)
    expect(await saveRemote(url, { token: 7, text: 'a' })).toBe(true)
    expect(await saveRemote(url, { token: 7, text: 'b' })).toBe(true)
    expect(await saveRemote(url, { token: 6, text: 'c' })).toBe(false)
    expect(stored()).toBe('b')
  } finally {
    server.close()
  }
})

/** The state letter of a process as Linux shows it; T: stopped. */
function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.charAt(stat.lastIndexOf(')') + 2)
}
