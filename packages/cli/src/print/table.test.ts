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

  it('fits a terminal by shortening the longest names in the middle', () => {
    const long = 'packages/core/src/region/normalize-glob.ts'
    const lines = table([['api', long, 'held']], { columns: 40, shorten: [0, 1] })
    expect(lines[0]).toMatch(/^api {2}packages\S+…\S+glob\.ts {2}held$/)
    expect(lines[0]?.length).toBe(39)
  })

  it('keeps the colour around a cell that it shortens, and cuts no character in two', () => {
    const lines = table([[`\u001b[31m${'😀'.repeat(30)}\u001b[39m`, 'x']], { columns: 20, shorten: [0] })
    expect(lines).toEqual([`\u001b[31m${'😀'.repeat(8)}…${'😀'.repeat(7)}\u001b[39m  x`])
  })

  it('leaves columns out where shortening is not enough, the first that may go first', () => {
    const rows = [['lane-of-some-length', 'a sentence that nobody shortens', 'twelve chars', 'held']]
    const fit = { columns: 50, shorten: [0], leaveOut: [2, 1] }
    expect(table(rows, fit)).toEqual(['lane-…ngth  a sentence that nobody shortens  held'])
    expect(table(rows, { ...fit, columns: 30 })).toEqual(['lane-of-some-length  held'])
  })

  it('leaves a table as it is where there is no terminal', () => {
    const long = 'x'.repeat(500)
    expect(table([[long, 'y']], { columns: undefined, shorten: [0] })).toEqual([`${long}  y`])
  })
})
