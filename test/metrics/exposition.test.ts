import { describe, expect, it, test } from 'vitest'
import { readExposition } from './exposition.ts'

const GOOD = `# HELP a_total Help.
# TYPE a_total counter
a_total{l="x\\"y\\\\z\\n"} 1
a_total{l="y"} 2
# HELP h Help.
# TYPE h histogram
h_count 2
h_sum 0.5
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
`

test('a text that is right is read, with what its labels were', () => {
  const families = readExposition(GOOD)
  expect([...families.keys()]).toEqual(['a_total', 'h'])
  expect(families.get('a_total')?.samples[0]).toEqual({ name: 'a_total', labels: { l: 'x"y\\z\n' }, value: 1 })
})

describe('a text is refused', () => {
  it.each([
    ['without its last line end', (text: string) => text.trimEnd()],
    ['with a series twice', (text: string) => text.replace('l="y"', 'l="x\\"y\\\\z\\n"')],
    ['with a family twice', (text: string) => text + text],
    ['with a label that does not end', (text: string) => text.replace('l="y"', 'l="y')],
    ['with a quotation mark that is not escaped', (text: string) => text.replace('l="y"', 'l="y"z"')],
    ['with a number that is none', (text: string) => text.replace('} 2\n# HELP', '} two\n# HELP')],
    ['with a counter below 0', (text: string) => text.replace('l="y"} 2', 'l="y"} -2')],
    ['with a counter of another name', (text: string) => text.replaceAll('a_total', 'a')],
    ['with a sample in no family', (text: string) => `b 1\n${text}`],
    ['without a type', (text: string) => text.replace('# TYPE a_total counter\n', '')],
    ['without help', (text: string) => text.replace('# HELP a_total Help.', '# HELP a_total ')],
    ['with buckets that fall', (text: string) => text.replace('le="1"} 1', 'le="1"} 3')],
    ['without the last bucket', (text: string) => text.replace('h_bucket{le="+Inf"} 2\n', '')],
    ['with a count that is not that of the last bucket', (text: string) => text.replace('h_count 2', 'h_count 3')],
  ])('%s', (_, spoil) => {
    expect(spoil(GOOD)).not.toBe(GOOD)
    expect(() => readExposition(spoil(GOOD))).toThrow()
  })
})
