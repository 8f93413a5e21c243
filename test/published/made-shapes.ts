import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Shape } from '@holdfast/core/internal'
import { afterAll } from 'vitest'
import { parserSource } from '../../scripts/build/parser-source.ts'
import { PREDICATES, RUNTIME } from '../../scripts/build/quick-bundle.ts'

const packages = join(import.meta.dirname, '..', '..', 'packages')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-parsers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Everything that a file of shapes exports, by name; the members of a record under the record's name too. */
export type Shapes = Readonly<Record<string, Shape<unknown>>>

export interface MadeShapes {
  readonly schemas: Shapes
  readonly made: Shapes
  /** How often a made parser has left the judgement to the schema. */
  readonly timesAsked: () => number
}

let files = 0

/** The parsers that the published program gets in the place of a file's schemas. `alter` plants a bug in them. */
export async function madeShapes(file: string, alter: (source: string) => string = same => same): Promise<MadeShapes> {
  const path = join(packages, file)
  const exported = await imported(path)
  const source = alter(parserSource(exported, { predicates: PREDICATES, runtime: RUNTIME, schemas: path }))
  const module = join(folder, `${(files += 1)}.mjs`)
  const required = [
    `import * as schemas from ${JSON.stringify(path)}`,
    'export const count = { asked: 0 }',
    'const require = () => { count.asked += 1; return schemas }',
  ]
  writeFileSync(module, `${required.join('\n')}\n${source}`)
  const { count, ...made } = await imported(module)
  return {
    schemas: flat(exported),
    made: flat(made),
    timesAsked: () => countIn(count),
  }
}

function countIn(count: unknown): number {
  return typeof count === 'object' && count !== null && 'asked' in count ? Number(count.asked) : Number.NaN
}

async function imported(path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
}

function flat(exported: Readonly<Record<string, unknown>>): Shapes {
  const shapes = Object.entries(exported).flatMap(([name, value]): [string, Shape<unknown>][] => {
    if (isShape(value)) return [[name, value]]
    if (typeof value !== 'object' || value === null) throw new Error(`${name} is no shape`)
    return Object.entries(flat({ ...value })).map(([key, shape]) => [`${name}.${key}`, shape])
  })
  return Object.fromEntries(shapes)
}

function isShape(value: unknown): value is Shape<unknown> {
  return typeof value === 'object' && value !== null && 'safeParse' in value
}
