import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EsdbFixture } from './fixture/esdb-fixture.ts'

const EVENTS = 300
/** From one that cuts the call at its first message to one that lets all of it through. */
const DEADLINES_MS = [1, 2, 4, 8, 12, 16, 20, 30, 10_000]

/** With them the client takes the plain call, as the store does. */
const CREDENTIALS = { username: 'admin', password: 'changeit' }

let fixture: EsdbFixture
beforeAll(async () => {
  fixture = await EsdbFixture.start()
})
afterAll(() => fixture.close())

it('an append that its client cuts while it is sent is written whole or not at all, as on a real server', async () => {
  const client = EventStoreDBClient.connectionString(fixture.url())
  const events = Array.from({ length: EVENTS }, (_, index) => ({ index, text: 'x'.repeat(200) }))
  const written: number[] = []
  for (const deadline of DEADLINES_MS) {
    const stream = `cut-${deadline}`
    const proposed = events.map(data => jsonEvent({ type: 'T', data }))
    await client.appendToStream(stream, proposed, { deadline, credentials: CREDENTIALS }).catch(() => undefined)
    // Behind it on the same connection: the server has heard all of what was sent before.
    await client.appendToStream('behind', jsonEvent({ type: 'T', data: {} }), { credentials: CREDENTIALS })
    const seen = fixture.log.visible(stream, Infinity)
    written.push(Array.isArray(seen) ? seen.length : 0)
  }
  await client.dispose()
  expect(written.filter(count => count !== 0 && count !== EVENTS)).toEqual([])
  expect(written.at(-1)).toBe(EVENTS)
})
