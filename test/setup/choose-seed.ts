import type { TestProject } from 'vitest/node'

const SEED_MAX = 0x7fff_ffff

declare module 'vitest' {
  interface ProvidedContext {
    readonly seed: number
  }
}

/** One seed per run, printed, so that any red property can be repeated: `FC_SEED=123 npm test`. */
export function setup(project: TestProject): void {
  const given = process.env['FC_SEED']
  const seed = given === undefined || given === '' ? Math.floor(Math.random() * SEED_MAX) : Number(given)
  if (!Number.isInteger(seed)) throw new Error(`FC_SEED must be a whole number, not "${given}".`)
  console.log(`fast-check seed ${seed} (repeat with FC_SEED=${seed})`)
  project.provide('seed', seed)
}
