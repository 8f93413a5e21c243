import { describe, expect, it } from 'vitest'
import { progressLine, type ProgressState } from './progress.ts'

const state = (changes: Partial<ProgressState> = {}): ProgressState => ({
  step: 'exporting',
  unit: 'events',
  done: 250,
  total: 1000,
  elapsedMs: 10_000,
  ...changes,
})

describe('a line of progress', () => {
  it('says how much of how much, and how long the rest takes at this speed', () => {
    expect(progressLine(state())).toBe('exporting ████████░░░░░░░░░░░░░░░░░░░░░░ 25% of 1000 events, 30s left')
  })

  it('guesses no time in the first second, before anything is done, and at the end', () => {
    expect(progressLine(state({ elapsedMs: 999 }))).not.toContain('left')
    expect(progressLine(state({ done: 0 }))).toContain(' 0% of 1000 events')
    expect(progressLine(state({ done: 0 }))).not.toContain('left')
    expect(progressLine(state({ done: 1000 }))).toBe(`exporting ${'█'.repeat(30)} 100% of 1000 events`)
  })

  it('never says that no time is left while something is', () => {
    expect(progressLine(state({ done: 999 }))).toContain('99% of 1000 events, 1s left')
  })

  it('stays at 100% when others added to it meanwhile, and for nothing at all', () => {
    expect(progressLine(state({ done: 1200 }))).toContain(' 100% of 1000 events')
    expect(progressLine(state({ done: 0, total: 0 }))).toContain(' 100% of 0 events')
  })

  it('gives bytes as megabytes where there are many', () => {
    expect(progressLine(state({ unit: 'bytes', total: 240_400_000, done: 0 }))).toContain('0% of 240 MB')
    expect(progressLine(state({ unit: 'bytes', total: 4000, done: 0 }))).toContain('0% of 4000 bytes')
  })

  it('leaves a column free on every terminal, with a shorter bar or none', () => {
    for (let columns = 1; columns <= 120; columns += 1) {
      expect(progressLine(state({ columns })).length).toBeLessThan(columns)
    }
    expect(progressLine(state({ columns: 50 }))).toContain('█')
    expect(progressLine(state({ columns: 40 }))).toBe('exporting 25% of 1000 events, 30s left')
  })
})
