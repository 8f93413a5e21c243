import { expect, it } from 'vitest'
import { picturedLines, svgOf } from './terminal-picture.ts'

const run = (pid: number, folder: string, seconds: string): string =>
  [
    `The ledger is at sqlite:/tmp/holdfast-demo-${folder}/ledger.db`,
    `\u001b[2m${seconds.padStart(5)}s\u001b[22m \u001b[36mr3   ACQUIRE    agent-d holds engine over packages/<engine>/**\u001b[39m`,
    `\u001b[2m  5.4s\u001b[22m \u001b[36mr6   HEARTBEAT  engine@3 records child ${pid}\u001b[39m`,
    `\u001b[2m  8.5s\u001b[22m the runner of agent-d is killed; its child ${pid} works on, unwatched`,
    '\u001b[32mok\u001b[39m  hash-chain              43',
    '',
    '',
    `\u001b[32mAll of it held, in 26.5 s.\u001b[39m`,
    '',
  ].join('\n')

it('two runs that differ in folder, process numbers and tenths of a second give the same picture', () => {
  expect(svgOf(picturedLines(run(21_787, 'caq5Bz', '5.2')))).toBe(svgOf(picturedLines(run(999, 'Xy', '5.7'))))
})

it('beats and single checks are left out, and the picture says so; blank lines are one', () => {
  const lines = picturedLines(run(21_787, 'caq5Bz', '5.2'))
  expect(lines.join('\n')).not.toMatch(/HEARTBEAT|hash-chain|21787/)
  expect(lines[0]).toContain('left out')
  expect(lines.filter(line => line === '')).toHaveLength(1)
  expect(lines.at(-1)).toContain('All of it held, in 26 s.')
})

it('markup in a line is text, colours are kept, and a long line goes on in the next row', () => {
  const svg = svgOf([`\u001b[36ma <b> & c\u001b[39m`, 'x'.repeat(130)])
  expect(svg).toContain('<tspan fill="#79c0ff">a &lt;b&gt; &amp; c</tspan>')
  expect(svg.match(/<text /g)).toHaveLength(3)
})
