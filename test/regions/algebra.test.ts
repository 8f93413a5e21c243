import { covers, overlap, parseRegion, type Region } from '@holdfast/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { literalPrefixes } from '../../packages/core/src/region/index.ts'
import { PATHS, someGlob } from './globs.ts'
import { judge } from './judge.ts'

const RUNS = 1000

const regionOf = (globs: readonly string[], caseSensitive: boolean): Region | undefined => {
  const parsed = parseRegion(globs, { caseSensitive })
  return parsed.ok ? parsed.region : undefined
}

/** Regions of one to three globs, all of one ledger. */
const someRegions = (count: number): fc.Arbitrary<readonly Region[]> =>
  fc
    .record({
      caseSensitive: fc.boolean(),
      regions: fc.array(fc.array(someGlob(), { minLength: 1, maxLength: 3 }), { minLength: count, maxLength: count }),
    })
    .map(({ caseSensitive, regions }) => regions.flatMap(globs => regionOf(globs, caseSensitive) ?? []))
    .filter(regions => regions.length === count)

test('overlap is symmetric', () => {
  fc.assert(
    fc.property(someRegions(2), ([a, b]) => {
      if (a === undefined || b === undefined) return
      expect(overlap({ a, b }).overlap).toBe(overlap({ a: b, b: a }).overlap)
    }),
    { numRuns: RUNS },
  )
})

test('a region that covers any path overlaps itself', () => {
  fc.assert(
    fc.property(someRegions(1), ([region]) => {
      if (region === undefined) return
      if (PATHS.some(path => covers(region, path))) expect(overlap({ a: region, b: region }).overlap).toBe(true)
    }),
    { numRuns: RUNS },
  )
})

test('a union overlaps exactly when one of its parts does', () => {
  fc.assert(
    fc.property(someRegions(3), ([a, b, c]) => {
      if (a === undefined || b === undefined || c === undefined) return
      const both = regionOf([...a.globs, ...b.globs], a.caseSensitive)
      if (both === undefined) throw new Error('the union of two regions is one')
      expect(overlap({ a: both, b: c }).overlap).toBe(overlap({ a, b: c }).overlap || overlap({ a: b, b: c }).overlap)
    }),
    { numRuns: RUNS },
  )
})

test('a region covers what picomatch matches with one of its globs', { timeout: 180_000 }, () => {
  fc.assert(
    fc.property(someRegions(1), fc.nat({ max: 6 }), ([region], offset) => {
      if (region === undefined) return
      const judges = region.globs.map(glob => judge(glob, region))
      const asked = PATHS.filter((_path, index) => index % 7 === offset)
      const wrong = asked.filter(path => covers(region, path) !== judges.some(matches => matches(path)))
      expect(wrong, region.globs.join(' ')).toEqual([])
    }),
    { numRuns: RUNS },
  )
})

test('every covered path begins with the literal prefix of its glob', () => {
  fc.assert(
    fc.property(someGlob(), fc.boolean(), (glob, caseSensitive) => {
      const region = regionOf([glob], caseSensitive)
      const [prefix] = region === undefined ? [] : literalPrefixes(region)
      if (region === undefined || prefix === undefined) return
      const matches = judge(region.globs[0] ?? '', { caseSensitive })
      for (const path of PATHS) {
        if (matches(path))
          expect(
            (caseSensitive ? path : path.normalize('NFC').toUpperCase()).split('/').slice(0, prefix.length),
          ).toEqual(prefix)
      }
    }),
    { numRuns: RUNS },
  )
})

test('normalising twice changes nothing', () => {
  fc.assert(
    fc.property(someRegions(1), ([region]) => {
      if (region === undefined) return
      expect(regionOf(region.globs, region.caseSensitive)?.globs).toEqual(region.globs)
    }),
    { numRuns: RUNS },
  )
})

test('the same question gets the same witness, whatever was asked before', () => {
  fc.assert(
    fc.property(someRegions(3), ([a, b, c]) => {
      if (a === undefined || b === undefined || c === undefined) return
      const first = overlap({ a, b })
      overlap({ a: c, b })
      overlap({ a, b: c })
      expect(overlap({ a, b })).toEqual(first)
      const again = { a: regionOf(a.globs, a.caseSensitive), b: regionOf(b.globs, b.caseSensitive) }
      if (again.a !== undefined && again.b !== undefined) expect(overlap({ a: again.a, b: again.b })).toEqual(first)
    }),
    { numRuns: RUNS },
  )
})
