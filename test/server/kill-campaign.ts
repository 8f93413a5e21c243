import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openLedger } from '@holdfast/engine'
import { verifyLedger } from '@holdfast/projections'
import { readHistory } from '@holdfast/store'
import { expect } from 'vitest'
import { Child, serverChild } from './children.ts'
import type { Scene } from './scene.ts'

/**
 * Kills the server again and again under clients that know nothing of it, and starts it again. No grant that a client was told
 * of may be missing in the log or stand there twice, no client may stop, and the log must verify.
 */
export async function killCampaign(
  scene: Scene,
  { clients, kills, everyMs }: { readonly clients: number; readonly kills: number; readonly everyMs: number },
): Promise<{ readonly grants: number; readonly commands: number }> {
  const journal = join(scene.folder, 'journal')
  writeFileSync(journal, '')
  await using processes = new AsyncDisposableStack()
  let server = processes.use(await serverChild(scene.url))
  const children = Array.from({ length: clients }, (_, index) => {
    return processes.use(new Child('client-child.ts', [scene.url, 'contend', `c${index}`, journal]))
  })
  await Promise.all(children.map(child => child.says('begins', 60_000)))
  for (let kill = 0; kill < kills; kill += 1) {
    await new Promise(resolve => setTimeout(resolve, everyMs))
    server.kill('SIGKILL')
    await server.ended
    server = processes.use(await serverChild(scene.url))
  }
  await Promise.all(children.map(child => child.finish()))
  const told = children.map(({ last }) => last)
  expect(told.map(({ errors }) => errors)).toEqual(told.map(() => 0))
  for (const { commands } of told) expect(commands).toBeGreaterThan(2)
  const grants = readFileSync(journal, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as { lane: string; token: number; name: string })
  const ledger = await openLedger(scene.url, { server: false, compaction: { automatic: false } })
  const acquired = new Map<number, string>()
  for await (const entries of readHistory(ledger.store, ledger.stream)) {
    for (const entry of entries)
      if (entry.type === 'ACQUIRE') acquired.set(entry.revision, `${entry.data.lane} ${entry.data.holder}`)
  }
  for (const { token, lane, name } of grants) expect(acquired.get(token)).toBe(`${lane} ${name}`)
  expect(new Set(grants.map(({ token }) => token)).size).toBe(grants.length)
  expect((await verifyLedger(ledger.store, ledger.stream)).ok).toBe(true)
  await ledger.close()
  return { grants: grants.length, commands: told.reduce((sum, { commands }) => sum + Number(commands), 0) }
}
