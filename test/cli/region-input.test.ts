import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { covers, parseRegion } from '@holdfast/core'
import { checkAcquireRequest, InputError } from '@holdfast/engine/lean'
import { AcquireAnswer } from 'holdfast/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configurationOf } from '../../packages/cli/src/input/read-configuration.ts'
import { rootedRegion } from '../../packages/cli/src/input/rooted-region.ts'
import { Holdfast } from './holdfast.ts'

let base = ''
let root = ''
let src = ''
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-regions-')))
  root = join(base, 'root')
  src = join(root, 'src')
  mkdirSync(join(root, 'src/api'), { recursive: true })
  mkdirSync(join(root, 'app/[...slug]'), { recursive: true })
  writeFileSync(join(root, 'app/[...slug]/page.tsx'), '')
  symlinkSync('src/api', join(root, 'link'))
  symlinkSync(root, join(base, 'other-name'))
})
afterAll(() => {
  rmSync(base, { recursive: true, force: true })
})

const globsOf = (folder: string, ...region: string[]) => rootedRegion({ region }, { root, folder }).region
const pathsOf = (folder: string, ...paths: string[]) => rootedRegion({ paths }, { root, folder }).region
const warningsOf = (folder: string, ...region: string[]) => rootedRegion({ region }, { root, folder }).warnings

describe('a region as it was typed in a folder', () => {
  test('a slash behind a name is no link, and from where it means nothing the warning says so', () => {
    expect(warningsOf(root, 'src/')).toEqual([])
    expect(warningsOf(root, 'nowhere/', 'a\\')).toEqual([])
    writeFileSync(join(src, 'zf'), '')
    for (const typed of ['zf', 'zf/']) {
      expect(warningsOf(src, typed)).toEqual([expect.stringMatching(/is relative to .*write --region \.\/zf/s)])
    }
    // However it was typed, a file of that very name is told by its own path, and never by the folder above.
    for (const [folder, glob] of [
      [root, './app/[...slug]/page.tsx'],
      [join(root, 'app'), './[...slug]/page.tsx'],
      [src, '../app/[...slug]/page.tsx'],
    ] as const) {
      const [warned] = warningsOf(folder, glob)
      const typed = /--path '(?<path>[^']+)'$/.exec(warned ?? '')?.groups?.['path'] ?? ''
      expect(pathsOf(folder, typed)).toEqual(pathsOf(root, 'app/[...slug]/page.tsx'))
    }
    expect(warningsOf(root, 'link/')).toEqual([expect.stringContaining('is a link to')])
  })

  test('a plain glob is relative to the root, wherever it was typed', () => {
    expect(globsOf(src, 'src/api/**', '**/*.ts')).toEqual(['src/api/**', '**/*.ts'])
  })

  test('`./` and `../` lead from the folder, an absolute one through its links', () => {
    expect(globsOf(src, './api/**', '../app/*.ts', '.', '..', './**')).toEqual([
      'src/api/**',
      'app/*.ts',
      'src',
      '**',
      'src/**',
    ])
    expect(globsOf(root, join(root, 'src/*.ts'), join(base, 'other-name/src/api'))).toEqual(['src/*.ts', 'src/api'])
    expect(globsOf(root, `${base}/other-name/src/**/[ab].ts`, `${root}/**`)).toEqual(['src/**/[ab].ts', '**'])
    expect(globsOf(root, './link/../x/*')).toEqual(['src/x/*'])
  })

  test('only the literal beginning is followed, and a folder with glob characters stays literal', () => {
    expect(globsOf(join(root, 'app/[...slug]'), './*.tsx')).toEqual(['app/[[]...slug[]]/*.tsx'])
    expect(globsOf(root, './app/[ab]/x')).toEqual(['app/[ab]/x'])
  })

  test.each(['/elsewhere/**', '../x', '../../**', '/', '/**'])('%s lies outside the root and is refused', glob => {
    expect(() => globsOf(root, glob)).toThrow(/^region\.0: .* outside the root /)
  })

  test('in a subfolder it says when the root has nothing there, and the folder has', () => {
    expect(warningsOf(src, 'api/**')).toEqual([
      `"api/**" is relative to ${root}, where "api" does not exist; for the one in this folder write --region './api/**'`,
    ])
    expect(warningsOf(src, 'src/api/**', './api/**', 'new/**', '*.ts')).toEqual([])
    expect(warningsOf(root, 'api/**')).toEqual([])
  })

  test('it says when a name leads through a link, for what is written there is judged elsewhere', () => {
    expect(warningsOf(root, 'link/*.ts')[0]).toMatch(/"link" is a link to .*--region 'src\/api\/\*\.ts'$/)
  })

  test('it says when a glob may be meant as a name, and shows the way to say so', () => {
    expect(warningsOf(root, 'app/[...slug]/page.tsx')).toEqual([
      `"app/[...slug]/page.tsx" is also the name of a file; if the file is meant, write --path 'app/[...slug]/page.tsx'`,
    ])
    expect(warningsOf(src, 'app/[...new]/x.tsx')).toEqual([
      `"app/[...new]/x.tsx" is a pattern that does not cover a file of that very name; if the file is meant, write --path '../app/[...new]/x.tsx'`,
    ])
    expect(warningsOf(root, 'src/**', 'src/*.ts', 'app/[slug]')).toEqual([])
  })
})

describe('a literal path', () => {
  test('is relative to the folder, escaped, and covers what is below it', () => {
    expect(pathsOf(root, 'app/[...slug]/page.tsx')).toEqual(['app/[[]...slug[]]/page.tsx/**'])
    expect(pathsOf(src, 'api', '../app/', join(root, 'x'))).toEqual(['src/api', 'app', 'x'])
    expect(pathsOf(src, '..', '.')).toEqual(['**', 'src'])
  })

  test('covers a link and what it points to, as the guard asks for both', () => {
    expect(pathsOf(root, 'link', 'link/x')).toEqual(['link', 'src/api', 'src/api/x'])
  })

  test.each([
    ['../x', /outside the root/],
    ['', /names no file/],
    [String.raw`a\b`, /backslash.*folder above/],
  ])('%j is refused', (path, reason) => {
    expect(() => pathsOf(root, path)).toThrow(reason)
  })
})

describe('a request from JavaScript', () => {
  const faultOf = (request: object): string => {
    try {
      // What a caller without types may hand over.
      Reflect.apply(checkAcquireRequest, undefined, [{ lane: 'api', holder: 'a', ...request }])
      return ''
    } catch (error) {
      if (error instanceof InputError) return error.message
      throw error
    }
  }

  test.each([
    [{ region: 'docs' }, 'region: "docs" is one text; give a list: ["docs"]'],
    [{ paths: 'docs' }, 'paths: "docs" is one text; give a list: ["docs"]'],
    [{ region: 7 }, 'region: give a list of texts'],
    [{ region: ['ok', 7] }, 'region.1: 7: no text'],
    [{ region: [' '] }, 'region.0: " ": a blank glob covers nothing'],
    [{ region: ['!src/**'] }, 'region.0: "!src/**": a glob cannot exclude paths'],
    [{ region: ['/etc/**'] }, 'region.0: "/etc/**": an absolute path'],
    [{ region: ['\\x'] }, 'an absolute path'],
    [{ region: [String.raw`C:\x`] }, 'a drive letter'],
    [{ paths: ['/x'] }, 'paths.0: "/x": an absolute path'],
    [{ paths: ['a/../b'] }, 'paths.0: "a/../b": a path has no'],
    [{ paths: [String.raw`a\b`] }, 'backslash'],
    [{ paths: ['./'] }, 'the root itself'],
    [{ anyOf: 'gpu' }, 'anyOf: "gpu" was given; give a list'],
    [{ allOf: 'gpu' }, 'allOf: "gpu" was given; give a list'],
    [{ allOf: [{ lane: 'b', region: 'docs' }] }, 'claim 1: region: "docs" is one text'],
  ])('%j is refused with its reason', (request, message) => {
    expect(faultOf(request)).toContain(message)
  })

  test.each([[{ region: ['src/**'], paths: ['app/[x]', './b/'] }], [{ paths: [' a', '!x', 'c:'] }], [{}]])(
    '%j is understood',
    request => {
      expect(faultOf(request)).toBe('')
    },
  )
})

test('a configuration may declare no region that no request may name', () => {
  expect(() => configurationOf({ lanes: { api: { region: ['/src/**'] } } })).toThrow(
    /^lanes\.api\.region\.0: .*absolute/,
  )
  expect(() => configurationOf({ lanes: { api: { region: ['!src/**'] } } })).toThrow(/cannot exclude/)
})

test('the command line warns beside its answer, and takes paths in files of claims', async () => {
  const holdfast = new Holdfast()
  const asked = ['acquire', 'a', '--holder', 'a', '--region', 'app/[...slug]/page.tsx', '--path', 'b*']
  const told = await holdfast.call(asked)
  expect(told).toMatchObject({ exitCode: 0 })
  expect(told.stderr).toContain(`holdfast: "app/[...slug]/page.tsx" is a pattern that does not cover`)
  writeFileSync(holdfast.path('more.json'), JSON.stringify([{ lane: 'c', paths: ['app/[...slug]/page.tsx'] }]))
  const { exitCode, answer } = await holdfast.ask(
    'acquire',
    'b',
    '--holder',
    'b',
    '--region',
    '{x,y}',
    '--all-of',
    'more.json',
  )
  expect(exitCode).toBe(0)
  const granted = AcquireAnswer.parse(answer)
  expect(granted.warnings).toHaveLength(1)
  if (granted.outcome !== 'granted') throw new Error('granted')
  const region = parseRegion(granted.leases?.[1]?.region ?? [], { caseSensitive: false })
  expect(region.ok && covers(region.region, 'app/[...slug]/page.tsx')).toBe(true)
  const outside = await holdfast.call(['acquire', 'd', '--holder', 'd', '--region', '/elsewhere/**'])
  expect(outside).toMatchObject({ exitCode: 2, stdout: '' })
  expect(outside.stderr).toContain('outside the root')
})
