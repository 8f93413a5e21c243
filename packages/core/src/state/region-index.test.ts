import { expect, test } from 'vitest'
import { RegionIndex } from './region-index.ts'
import { regionOf, sharedPath } from './regions.ts'

const GLOBS = [
  '**',
  'src/**',
  'src/api',
  'src/api/**',
  'src/a*/x',
  'SRC/API/y',
  'docs/*.md',
  'docs/a/b/c/d/e/f/g/h/i/j',
  'docs/a/b/c/d/e/f/g/h/z',
  'README.md',
  '{src,docs}/x',
]
const regions = GLOBS.flatMap((glob, index) => [[glob], [glob, GLOBS[(index * 3 + 1) % GLOBS.length] ?? glob]])

test('candidates miss no region that shares a path, through additions, deletions and branches', () => {
  const index = new RegionIndex<string>()
  const at = (member: number) => regionOf(regions[member] ?? [], false)
  const expectNoneMissed = (seen: RegionIndex<string>, members: readonly number[]) => {
    for (const asked of regions.keys()) {
      const found = new Set(seen.candidates(at(asked)))
      for (const member of regions.keys()) {
        if (!members.includes(member)) expect(found.has(`${member}`)).toBe(false)
        else if (sharedPath(at(asked), at(member)) !== null) expect(found.has(`${member}`)).toBe(true)
      }
    }
  }
  const all = [...regions.keys()]
  for (const member of all) index.add(at(member), `${member}`)
  expectNoneMissed(index, all)
  const branch = index.fork()
  const odd = all.filter(member => member % 2 === 1)
  for (const member of all) if (member % 2 === 0) branch.delete(at(member), `${member}`)
  expectNoneMissed(branch, odd)
  expectNoneMissed(index, all)
  for (const member of all) index.delete(at(member), `${member}`)
  expectNoneMissed(index, [])
  expect([...index.candidates(regionOf(['**'], false))]).toEqual([])
})
