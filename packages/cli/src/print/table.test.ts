import { describe, expect, it } from 'vitest'
import { table } from './table.ts'

describe('a table', () => {
  it('aligns its columns, and colours do not count as width', () => {
    const green = '\u001b[32mok\u001b[39m'
    expect(
      table([
        ['a', 'b', 'c'],
        [green, 'longer', 'd'],
      ]),
    ).toEqual(['a   b       c', `${green}  longer  d`])
  })

  it('ends no line with blanks', () => {
    expect(
      table([
        ['a', ''],
        ['b', 'c'],
      ]),
    ).toEqual(['a', 'b  c'])
  })
})
