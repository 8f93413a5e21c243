import { openLedger } from '@holdfast/engine'
import { openStore } from '@holdfast/store'
import { expect, it } from 'vitest'
import { HttpScene } from './http-scene.ts'

it('every ledger of the store is listed, also one that nobody has opened, within the rights of the token', async () => {
  await using at = await HttpScene.make()
  const ids = new Map<string, string>()
  for (const ledger of ['other', 'secret']) {
    await using made = await openLedger(at.scene.url, { ledger, create: true, server: false })
    await made.acquire({ lane: 'x', holder: 'A' })
    ids.set(ledger, made.ledgerId)
  }
  // What lies beside a ledger is none.
  await using store = await openStore(at.scene.url)
  const event = { eventId: 'e', type: 'SPAWN', schemaVersion: 1, actor: null, data: {} }
  await store.append('~state-left', 'none', [event])
  await store.append('no-ledger', 'none', [{ ...event, eventId: 'f' }])
  expect((await at.get('status')).status).toBe(200)
  const list = async (token: string): Promise<unknown> =>
    (await at.ask('/v1/ledgers', { headers: { Authorization: `Bearer ${token}` } })).json['ledgers']
  const other = { ledger: 'other', ledgerId: ids.get('other'), head: 1, open: false }
  const secret = { ledger: 'secret', ledgerId: ids.get('secret'), head: 1, open: false }
  const own = { ledger: 'default', open: true, head: 0 }
  expect(await list(at.owner)).toMatchObject([own, other, secret])
  expect(await list(at.owner)).toHaveLength(3)
  const bound = at.token({ name: 'bound', can: ['read'], ledgers: ['other', 'none'] })
  expect(await list(bound)).toEqual([other])
  // To be listed opens nothing.
  expect(await list(at.owner)).toMatchObject([own, other, secret])
  expect((await at.ask('/v1/ledgers/other/status', { headers: { Authorization: `Bearer ${bound}` } })).status).toBe(200)
  expect(await list(bound)).toEqual([{ ...other, open: true }])
})
