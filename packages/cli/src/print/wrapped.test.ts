import { expect, it } from 'vitest'
import { wrapped } from './table.ts'

const SENTENCE = 'Work: the log, files changed under the region and commits in /home/agents/projects/billing.'

it('a sentence is broken at blanks where a terminal is narrower', () => {
  for (const columns of [40, 60, 80]) {
    const lines = wrapped(SENTENCE, columns)
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(columns)
    expect(lines.map(line => line.trim()).join(' ')).toBe(SENTENCE)
    expect(lines.slice(1).every(line => /^ {2}\S/.test(line))).toBe(true)
  }
})

it('it stays one line where there is room or no terminal, and a long word stays whole', () => {
  expect(wrapped(SENTENCE, 200)).toEqual([SENTENCE])
  expect(wrapped(SENTENCE, undefined)).toEqual([SENTENCE])
  expect(wrapped('in /home/agents/projects', 10)).toEqual(['in', '  /home/agents/projects'])
  expect(wrapped('\u001b[31mred\u001b[39m', 4)).toEqual(['\u001b[31mred\u001b[39m'])
})
