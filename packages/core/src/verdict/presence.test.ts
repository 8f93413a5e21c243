import { expect, test } from 'vitest'
import { HealthPolicy } from './health.ts'
import { presence } from './presence.ts'

const policy = { staleMs: 90_000 }

test.each([
  [{ ageMs: 90_000, process: 'alive' }, 'FRESH', 'recent'],
  [{ ageMs: 90_000, process: 'unknown' }, 'FRESH', 'recent'],
  [{ ageMs: 90_000, process: 'dead' }, 'ORPHAN', 'process-dead'],
  [{ ageMs: 90_001, process: 'dead' }, 'STALE', 'old'],
  [{ ageMs: -1, process: 'alive' }, 'STALE', 'in-future'],
] as const)('%j is %s', (evidence, verdict, basis) => {
  const given = { ...evidence, torn: false }
  expect(presence({ ...given, policy })).toMatchObject({ verdict, basis, evidence: given })
})

test('a health policy whose claims die before they stall is refused', () => {
  expect(HealthPolicy.safeParse({ stallMs: 2, ttlMs: 1 }).error?.message).toContain('stallMs must not exceed ttlMs')
})
