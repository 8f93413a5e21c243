import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, test } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')
const found = (...patterns: string[]): string[] => globSync(patterns, { cwd: root, exclude: ['**/node_modules/**'] })

const DOCUMENTS = found('*.md', 'docs/**/*.md', 'packages/*/README.md')
const SOURCES = found('{packages,test,scripts,bench,demo}/**/*.{ts,mjs}').filter(file => !/\/dist\//.test(file))

/** The part of a heading that follows `#` in a link. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

const anchorsOf = (file: string): string[] =>
  Array.from(textOf(file).matchAll(/^#+ (.*)$/gm), ([, heading = '']) => anchorOf(heading))

/** A document by its second headings: the first line of each, and all that follows. */
const sectionsOf = (file: string): string[] => textOf(file).split(/^## /m).slice(1)

const testsIn = (section: string): string[] =>
  Array.from(section.matchAll(/\]\(\.\.\/(test\/[^)]*)\)/g), ([, file = '']) => file)

describe.each(DOCUMENTS)('%s', file => {
  const text = textOf(file)

  it('has no dead link', () => {
    const links = Array.from(text.matchAll(/\]\((?!\w+:)([^)\s]*)\)/g), ([, link = '']) => link)
    const dead = links.filter(link => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(target).includes(anchor)
    })
    expect(dead).toEqual([])
  })

  it('names only files that exist', () => {
    const named = Array.from(
      text.matchAll(/`((?:packages|test|scripts|bench|demo)\/[\w./*-]+)`/g),
      ([, path = '']) => path,
    )
    expect(named.filter(path => found(path.replace(/\/$/, '')).length === 0)).toEqual([])
  })
})

describe('docs/laws.md', () => {
  const laws = sectionsOf('docs/laws.md').filter(section => section.startsWith('Law '))

  it('tells all ten laws', () => {
    expect(laws.map(law => Number.parseInt(law.slice('Law '.length), 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it.each(laws.map((law, index) => [index + 1, law] as const))('law %i names its test and a mutant in it', (_, law) => {
    const tests = testsIn(law).map(textOf)
    const [, mutant = ''] = /^- Mutant: "(.*?)"/m.exec(law) ?? []
    expect(mutant).not.toBe('')
    expect(tests.some(text => text.includes(`'mutant: ${mutant}'`))).toBe(true)
  })
})

describe('docs/schedules.md', () => {
  const schedules = sectionsOf('docs/schedules.md')

  it('tells all 25 schedules', () => {
    const numbers = schedules.map(schedule => Number.parseInt(schedule.slice('Schedule '.length), 10))
    expect(numbers).toEqual(Array.from({ length: 25 }, (_, index) => index + 1))
  })

  it.each(schedules.map((schedule, index) => [index + 1, schedule] as const))(
    'schedule %i names tests, and a title in each names it',
    (number, schedule) => {
      const tests = testsIn(schedule)
      expect(tests).not.toEqual([])
      const titled = new RegExp(String.raw`['\x60].*\((?:schedule|schedules .*\b)\s?${number}\b.*\)['\x60]`)
      expect(tests.filter(file => !titled.test(textOf(file)))).toEqual([])
    },
  )
})

/** What only the authors of a rule know by that name: a reader of this repository does not. */
const CITES_ELSEWHERE =
  /\b(?:DESIGN|SCHEDULES|SEEDS)\b|§|\bseed[- ]?0\d|\bshared\/[A-Z]|\bof the design\b|\bthe design alone\b/

test('no file cites what the repository does not hold', () => {
  const here = join('test', 'readme', 'documents.test.ts')
  const citing = [...DOCUMENTS, ...SOURCES].filter(file => file !== here && CITES_ELSEWHERE.test(textOf(file)))
  expect(citing).toEqual([])
})

test('laws, schedules and features are cited by numbers that their pages have', () => {
  const features = new Set<string>()
  for (const section of sectionsOf('docs/features.md')) {
    const [area = ''] = section.split('\n', 1)
    for (const [, number = ''] of section.matchAll(/^\| (\d+) \|/gm)) features.add(`${area.toLowerCase()} ${number}`)
  }
  const unknown = [...DOCUMENTS, ...SOURCES].flatMap(file => {
    const text = textOf(file)
    const cited = [
      ...Array.from(text.matchAll(/\blaws? (\d+)/gi), ([all, number]) => (Number(number) > 10 ? all : '')),
      ...Array.from(text.matchAll(/\bschedules? (\d+)/gi), ([all, number]) => (Number(number) > 25 ? all : '')),
      ...Array.from(text.matchAll(/\((\w+), feature (\d+)\)/g), ([all, area = '', number = '']) =>
        features.has(`${area} ${number}`) ? '' : all,
      ),
    ]
    return cited.filter(all => all !== '').map(all => `${file}: ${all}`)
  })
  expect(unknown).toEqual([])
})

test('a test title says the behaviour first, and its law, schedule or row last', () => {
  const numbered = /(?:test|it|describe)(?:\.each)?\(\s*['`](?:laws?|schedules?|rows?|features?) \d/i
  const tests = SOURCES.filter(file => file.endsWith('.test.ts') && numbered.test(textOf(file)))
  expect(tests).toEqual([])
})
