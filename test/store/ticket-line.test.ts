import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { TicketLine } from '../../packages/store/src/sqlite/ticket-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-line-'))
const path = join(folder, 'ledger.db')
afterAll(() => rmSync(folder, { recursive: true }))

const ABANDONED_MS = 300

/** Numbers that a ticket should never hold, beside those that it may. */
const field = fc.oneof(
  fc.double(),
  fc.integer({ min: 0, max: 10_000 }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0, -1, Number.MAX_VALUE, Number.MIN_VALUE),
)

it('whatever bytes the line holds, a ticket that nobody renews is passed over in its 300 ms', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(field, field, field), { maxLength: 130 }),
      fc.uint8Array({ maxLength: 23 }),
      fc.integer({ min: 1, max: 10_000 }),
      (tickets, torn, nowMs) => {
        const words = new Float64Array(tickets.flat())
        writeFileSync(`${path}.queue`, Buffer.concat([new Uint8Array(words.buffer), torn]))
        const line = new TicketLine(path)
        try {
          const seenLately = tickets.filter(([, , seenMs]) => seenMs > nowMs - ABANDONED_MS && seenMs <= nowMs + 1)
          expect(line.olderThan(nowMs, nowMs)).toBeLessThanOrEqual(seenLately.length)
          const first = line.first(nowMs)
          if (first !== undefined) expect(tickets[first]?.every(Number.isFinite)).toBe(true)
          // Nothing was renewed in between: what counted before counts no more.
          const laterMs = nowMs + 20_000
          expect([line.olderThan(laterMs, laterMs), line.first(laterMs)]).toEqual([0, undefined])
        } finally {
          line.close()
        }
      },
    ),
    { numRuns: 300 },
  )
})
