import { expect } from 'vitest'
import { Round } from './round.ts'

/**
 * Whoever was killed where: each lane's work ended once, as it must; its effect ran to its end at least once, under one
 * key, never while another one of the lane ran, and each time under a newer claim; and no holder wrote after it began.
 */
export function expectEndings(round: Round): void {
  const effects = round.effects()
  for (const [lane, { causes, disposition }] of Object.entries(Round.ENDINGS)) {
    const ran = effects.filter(effect => effect.lane === lane)
    expect(ran.length, `effects of ${lane}`).toBeGreaterThan(0)
    expect(
      ran.every(({ ended }) => ended),
      `effects of ${lane} that ended`,
    ).toBe(true)
    const closings = round.at.events('SCAVENGE').filter(({ data }) => data.lane === lane)
    expect(closings.map(({ data }) => data.disposition)).toEqual([disposition])
    expect(causes).toContain(closings[0]?.data.cause)
    expect(closings[0]?.data.cause).toBe(round.claims(lane)[0]?.data.claim?.cause)
    expect(new Set(ran.map(effect => effect.disposition))).toEqual(new Set([disposition]))

    const claims = round.claims(lane)
    const [first] = claims
    expect(new Set(claims.map(({ data }) => JSON.stringify(data.claim)))).toEqual(
      new Set([JSON.stringify(first?.data.claim)]),
    )
    expect(new Set(ran.map(({ key }) => key))).toEqual(new Set([first?.revision]))
    const tokens = ran.map(({ token }) => token)
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
    expect(claims.map(({ revision }) => revision)).toEqual(expect.arrayContaining(tokens))
  }
  expect(round.lateWrites()).toEqual([])
}
