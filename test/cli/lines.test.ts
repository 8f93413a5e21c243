import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FailureAnswer, HealthJudgement, LivenessJudgement, OverlapAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { field, Holdfast } from './holdfast.ts'

const VECTORS = join(import.meta.dirname, '..', 'vectors')
const holdfast = new Holdfast()

function vectors(name: string): readonly unknown[] {
  const lines = readFileSync(join(VECTORS, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map(line => JSON.parse(line) as unknown)
}

async function answers(args: readonly string[], inputs: readonly unknown[]): Promise<readonly unknown[]> {
  const input = inputs.map(document => `${JSON.stringify(document)}\n`).join('')
  const { exitCode, stdout } = await holdfast.call([...args, '--stdin'], { input })
  expect(exitCode).toBe(0)
  return stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as unknown)
}

const inputs = (name: string): readonly unknown[] => vectors(name).map(vector => field(vector, 'input'))
const expected = (name: string): readonly unknown[] => vectors(name).map(vector => field(vector, 'expected'))

describe('JSON lines in, JSON lines out', () => {
  const JUDGES: readonly (readonly [name: string, schema: z.ZodType])[] = [
    ['liveness', LivenessJudgement],
    ['health', HealthJudgement],
  ]

  it.concurrent.each(JUDGES)('judge %s answers the reference vectors', async (name, schema) => {
    const judged = await answers(['judge', name], inputs(name))
    expect(judged.map(judgement => field(judgement, 'verdict'))).toEqual(expected(name))
    for (const judgement of judged) expect(schema.parse(judgement)).toEqual(judgement)
  })

  it.concurrent('overlap says disjoint wherever the reference does', async () => {
    const found = await answers(['overlap'], inputs('regions'))
    for (const answer of found) expect(OverlapAnswer.parse(answer)).toEqual(answer)
    const overlapping = expected('regions').map(one => field(one, 'prefixDisjoint') === true)
    const wrong = found.filter((answer, index) => overlapping[index] === true && field(answer, 'overlap') === true)
    expect(found).toHaveLength(overlapping.length)
    expect(wrong).toEqual([])
  })

  it.concurrent('a bad line answers in its place, the rest goes on, and the run ends with 2', async () => {
    const input = [
      '{"a": ["x"], "b": ["x/y"]}',
      'nonsense',
      '{"a": ["x"]}',
      '{"a": ["{x"], "b": ["y"]}',
      '{"a": ["x"], "b": ["y"]}',
    ]
    const { exitCode, stdout, stderr } = await holdfast.call(['overlap', '--stdin'], { input: input.join('\n') })
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' })
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as unknown)
    expect(lines).toHaveLength(input.length)
    expect([lines[0], lines[4]]).toEqual([{ overlap: true, witness: 'x/y' }, { overlap: false }])
    const messages = lines.slice(1, 4).map(line => FailureAnswer.parse(line).error.message)
    expect(messages.map(message => message.slice(0, 4))).toEqual(['The ', 'b: i', 'a.0:'])
  })

  it.concurrent('a reader that goes away ends it quietly', async () => {
    const line = `yes '{"a": ["x"], "b": ["y"]}' | holdfast overlap --stdin | head -n 3; exit \${PIPESTATUS[1]}`
    const { exitCode, stdout, stderr } = await holdfast.bash(line)
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: '{"overlap":false}\n'.repeat(3), stderr: '' })
  })
})
