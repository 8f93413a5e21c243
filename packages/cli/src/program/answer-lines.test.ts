import { describe, expect, it } from 'vitest'
import { inputLines, LINE_LENGTH_MAX, type InputLine } from './answer-lines.ts'

async function linesOf(...pieces: readonly string[]): Promise<readonly InputLine[]> {
  async function* source(): AsyncGenerator<string> {
    yield* pieces
  }
  const lines: InputLine[] = []
  for await (const batch of inputLines(source())) lines.push(...batch)
  return lines
}

describe('lines of input', () => {
  it('are found wherever the pieces are cut', async () => {
    expect(await linesOf('a\nb', 'c\n\nd')).toEqual(['a', 'bc', '', 'd'])
    expect(await linesOf('a', '\n', 'b\n')).toEqual(['a', 'b'])
    expect(await linesOf()).toEqual([])
  })

  it('that are too long are dropped to their end and come as one that is none', async () => {
    const long = 'x'.repeat(LINE_LENGTH_MAX + 1)
    const lengths = async (...pieces: readonly string[]) => (await linesOf(...pieces)).map(line => line?.length ?? null)
    expect(await lengths(long, long, 'x\nnext\n')).toEqual([null, 4])
    expect(await lengths('first\n', long)).toEqual([5, null])
    expect(await lengths(long, '\nb\n', long, '\n')).toEqual([null, 1, null])
    expect(await lengths(`${long}\nb`)).toEqual([null, 1])
  })
})
