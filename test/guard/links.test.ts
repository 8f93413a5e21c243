import {
  chmodSync,
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { guardedPath, HookInputError, type GuardedPath } from '@holdfast/engine/write-guard'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const RUNS = 150
const TIMEOUT_MS = 60_000

let base = ''
let count = 0
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-links-')))
})
afterAll(() => {
  rmSync(base, { recursive: true, force: true })
})

/** A root of its own with a folder beside it, so deep that no random way climbs out of what is thrown away. */
const freshRoot = (): string => {
  count += 1
  const root = join(base, `${count}`, 'd/d/d/d/d/d/d/d/d/d/d/d', 'root')
  mkdirSync(root, { recursive: true })
  mkdirSync(join(root, '..', 'beside'))
  return root
}

const map = (root: string, path: string, directory = root): GuardedPath => guardedPath(path, { root, directory })
const placesOf = (root: string, { inside, outside }: GuardedPath): string[] => [
  ...inside.map(place => join(root, place)),
  ...outside,
]

describe('links before dots', () => {
  const tree = (): string => {
    const root = freshRoot()
    mkdirSync(join(root, 'src/api/deep'), { recursive: true })
    symlinkSync('src/api/deep', join(root, 'link'))
    return root
  }

  test('`..` behind a link leaves the folder that the link leads to', () => {
    const root = tree()
    expect(map(root, 'link/../secret.ts').inside).toContain('src/api/secret.ts')
    expect(map(root, join(root, 'link') + '/../secret.ts').inside).toContain('src/api/secret.ts')
    expect(map(root, './link//.././secret.ts').inside).toContain('src/api/secret.ts')
  })

  test('so it does in a working folder, which an agent names', () => {
    const root = tree()
    expect(map(root, '../secret.ts', join(root, 'link')).inside).toContain('src/api/secret.ts')
    expect(map(root, 'secret.ts', `${root}/link/..`).inside).toContain('src/api/secret.ts')
    expect(map(root, 'secret.ts', join(root, 'link')).inside).toEqual(['src/api/deep/secret.ts'])
  })

  test('the place to which a tool comes that shortens the path counts as well', () => {
    expect(map(tree(), 'link/../secret.ts').inside).toEqual(['src/api/secret.ts', 'secret.ts'])
  })

  test('a link that leads out of the root is outside, and in by another way inside', () => {
    const root = tree()
    symlinkSync('../../beside', join(root, 'src/out'))
    expect(map(root, 'src/out/x')).toMatchObject({ inside: [], outside: [join(root, '../beside/x')] })
    expect(map(root, 'src/out/../root/src/api/x').inside).toContain('src/api/x')
  })

  test('what is missing is taken by its name, behind a file as well', () => {
    const root = tree()
    writeFileSync(join(root, 'file'), '')
    expect(map(root, 'new/../src/x').inside).toEqual(['src/x'])
    expect(map(root, 'file/x').inside).toEqual(['file/x'])
    expect(map(root, 'src/new/').inside).toEqual(['src/new'])
    expect(map(root, 'src/api/deep/..').inside).toEqual(['src/api'])
  })

  test('a loop, the root itself and a folder that cannot be entered are refused', () => {
    const root = tree()
    symlinkSync('b', join(root, 'a'))
    symlinkSync('a', join(root, 'b'))
    for (const path of ['a', 'a/x', 'a/../x', '.', 'src/..', '']) expect(() => map(root, path)).toThrow(HookInputError)
  })

  test.skipIf(process.getuid?.() === 0)('so is a folder that cannot be entered (skipped as root, who may)', () => {
    const root = tree()
    chmodSync(join(root, 'src'), 0)
    try {
      expect(() => map(root, 'src/api/x')).toThrow(/cannot be followed/)
    } finally {
      chmodSync(join(root, 'src'), 0o700)
    }
  })
})

/** Random trees of folders, files and links over a few folders that are there, and random ways through them. */
const FOLDERS = ['a', 'b', 'a/b', 'a/b/a', 'b/a']
const NAMES = ['a', 'b', 'l', 'm']
const someWay = fc
  .array(fc.constantFrom(...NAMES, 'l/..', 'm/..', 'l', 'm', '.', ''), { minLength: 1, maxLength: 5 })
  .map(parts => parts.join('/'))
  .filter(way => !way.startsWith('/') && way.split('..').length <= 3)
const someNode = fc.record({
  at: fc.tuple(fc.constantFrom('', ...FOLDERS), fc.constantFrom(...NAMES)).map(([folder, name]) => join(folder, name)),
  is: fc.constantFrom('folder', 'file', 'link', 'link', 'link', 'link', 'absolute'),
  to: fc.oneof(fc.constantFrom(...FOLDERS, '../a', '..', '../b/a'), someWay),
})

function plant(root: string, { at, is, to }: { at: string; is: string; to: string }): void {
  const place = join(root, at)
  try {
    if (is === 'folder') mkdirSync(place, { recursive: true })
    else if (is === 'file') writeFileSync(place, '', { flag: 'wx' })
    else symlinkSync(is === 'absolute' ? `${root}/${to}` : to === '' ? '.' : to, place)
  } catch {
    // There is something of that name, or no folder for it: the tree is as random without.
  }
}

const statOf = (look: () => Stats): string | null => {
  try {
    const { dev, ino } = look()
    return `${dev}:${ino}`
  } catch {
    return null
  }
}

/** Opens the path for writing, as it is, and says which file that was. */
function written(path: string): string | null {
  let file: number
  try {
    file = openSync(path, 'a')
  } catch {
    return null
  }
  try {
    return statOf(() => fstatSync(file))
  } finally {
    closeSync(file)
  }
}

test(
  'in random trees of links every write lands in a place that was judged, and so does a replacement of the name',
  { timeout: TIMEOUT_MS },
  () => {
    let landed = 0
    fc.assert(
      fc.property(
        fc.array(someNode, { minLength: 2, maxLength: 8 }),
        fc.array(someWay, { minLength: 1, maxLength: 6 }),
        (nodes, ways) => {
          const root = freshRoot()
          for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true })
          for (const node of nodes) plant(root, node)
          for (const way of ways) {
            const raw = `${root}/${way}`
            let places: string[]
            try {
              places = placesOf(root, map(root, way))
            } catch (error) {
              if (!(error instanceof HookInputError)) throw error
              expect(written(raw)).toBeNull()
              continue
            }
            if (!places.every(place => place.startsWith(base))) continue
            const named = /(?:^|\/)\.{0,2}$/.test(way) ? null : statOf(() => lstatSync(raw))
            if (named !== null) expect(places.map(place => statOf(() => lstatSync(place)))).toContain(named)
            const file = written(raw)
            if (file === null) continue
            landed += 1
            const real = places.filter(place => statOf(() => lstatSync(place)) === file)
            expect(real.map(place => realpathSync(place))).toEqual(real)
            expect(real, way).not.toEqual([])
          }
          rmSync(join(base, `${count}`), { recursive: true })
        },
      ),
      { numRuns: RUNS },
    )
    expect(landed).toBeGreaterThan(RUNS / 10)
  },
)
