import * as fc from 'fast-check'
import type { CommitFault, Pace } from './slow-store.ts'

/** What happens around the ledger objects, and is waited for. */
const AROUND = ['pass', 'pass-long', 'reopen', 'put-back'] as const
export type Around = (typeof AROUND)[number]

const DOES = [
  'acquire',
  'acquire',
  'wait',
  'wait',
  'wait',
  'hold',
  'let-go',
  'stop-waiting',
  'beat',
  'beat',
  'release',
  'release',
  'scavenge',
  'halt',
  'spawn',
  'checkpoint',
  'checkpoint',
  'configure',
  'offset',
  'clock-offset',
  'compact',
  'compact-most',
  ...AROUND,
] as const

/** Begun and not waited for: the next one begins at once, or `turns` of the event loop later and after a look at everything. */
export const move = fc.record({
  does: fc.constantFrom(...DOES),
  who: fc.nat(1),
  lane: fc.constantFrom('a', 'b', 'c'),
  holder: fc.constantFrom('H', 'I'),
  turns: fc.constantFrom(0, 0, 1, 3, 8, 20),
  isAlone: fc.constantFrom(true, true, false),
})
export type Move = typeof move extends fc.Arbitrary<infer T> ? T : never

export function isAround(does: Move['does']): does is Around {
  return AROUND.some(one => one === does)
}

const pace: fc.Arbitrary<Pace> = fc.record({
  turns: fc.oneof(fc.constant([0]), fc.array(fc.constantFrom(0, 1, 4, 12, 30), { minLength: 1, maxLength: 6 })),
  hearing: fc.array(fc.constantFrom(0, 0, 0, 3, 15), { minLength: 1, maxLength: 4 }),
  faults: fc.oneof(
    fc.constant([null]),
    fc.array(fc.constantFrom<CommitFault>(null, null, null, 'unreachable', 'answer-lost'), {
      minLength: 1,
      maxLength: 8,
    }),
  ),
})

/** `importedMs`: the ledger begins as the import of one whose newest event is so old; 0: it is founded here. */
export function history(movesMax: number) {
  return fc.record({
    importedMs: fc.constantFrom(0, 300, 5000),
    paces: fc.tuple(pace, pace),
    moves: fc.array(move, { minLength: 4, maxLength: movesMax }),
  })
}
export type History = ReturnType<typeof history> extends fc.Arbitrary<infer T> ? T : never
