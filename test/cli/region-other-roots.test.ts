import { symlinkSync } from 'node:fs'
import { expect, it } from 'vitest'
import { rootedRegion } from '../../packages/cli/src/input/rooted-region.ts'
import { Scene } from '../which-ledger/scene.ts'

/** A repository with another work tree of it, a nested repository and a submodule below its top, and a tree beside it. */
function repositories(): Scene {
  const scene = new Scene()
  scene.repository('lib')
  scene.repository('main')
  scene.submodule('main', 'lib', 'libs/lib')
  scene.git('main', 'worktree', 'add', '-q', '.trees/side')
  scene.git('main', 'worktree', 'add', '-q', '../linked')
  scene.repository('main/nested')
  scene.write('main/.trees/side/src/x', '')
  scene.write('linked/src/x', '')
  symlinkSync('.trees/side/src', scene.path('main/link'))
  symlinkSync('../linked/src', scene.path('main/out'))
  return scene
}

it('a place that is leased by other paths is refused with where to go; as a plain glob it is warned of', () => {
  using scene = repositories()
  const standing = { root: scene.path('main'), folder: scene.path('main') }
  const paths = (...paths: string[]) => rootedRegion({ paths }, standing)
  const globs = (...region: string[]) => rootedRegion({ region }, standing)
  const side = scene.path('main/.trees/side')
  for (const path of ['.trees/side/src/x', 'link/x', `${side}/src/x`]) {
    expect(() => paths('README', path), path).toThrow(`go there (cd ${side}) and write --path src/x`)
  }
  expect(() => paths('.trees/side')).toThrow(`(cd ${side}) and write --region '**'`)
  expect(() => paths('nested/not/there')).toThrow(`(cd ${scene.path('main/nested')}) and write --path not/there`)
  expect(() => paths('out/x')).toThrow(`(cd ${scene.path('linked')}) and write --path src/x`)
  expect(() => globs('./nested/src/*.ts')).toThrow(`(cd ${scene.path('main/nested')}) and write --region 'src/*.ts'`)
  expect(globs('nested/src/**').warnings).toEqual([expect.stringContaining("write --region 'src/**'")])
  expect(globs('link/**').warnings).toEqual([
    expect.stringContaining('is a link to'),
    expect.stringContaining(`cd ${side}`),
  ])
  // A submodule belongs to this root.
  expect(paths('libs/lib/x')).toEqual({ region: ['libs/lib/x'], warnings: [] })
  expect(globs('libs/lib/**', '**', '.trees/**').warnings).toEqual([])
})

it('outside git, a folder with a ledger of its own is another root', async () => {
  using scene = new Scene()
  await scene.store('work/.holdfast/ledger.db')
  await scene.store('work/inner/.holdfast/ledger.db')
  scene.repository('work/repository')
  const standing = { root: scene.path('work'), folder: scene.path('work') }
  for (const name of ['inner', 'repository']) {
    expect(() => rootedRegion({ paths: [`${name}/x`] }, standing)).toThrow(`(cd ${scene.path('work', name)})`)
  }
  expect(rootedRegion({ paths: ['x/y'] }, standing).region).toEqual(['x/y'])
})

it('a backslash that is a character of a file’s name is warned of, from the root and from a subfolder', () => {
  using scene = new Scene()
  scene.repository('main')
  scene.write(String.raw`main/a\b`)
  scene.write(String.raw`main/sub/c\d`)
  const root = scene.path('main')
  const warnings = (folder: string, glob: string) => rootedRegion({ region: [glob] }, { root, folder }).warnings
  // No glob tells such a name, so the folder above it is what can be leased.
  expect(warnings(root, String.raw`a\b`)).toEqual([expect.stringMatching(/also the name of a file.* write --path \.$/)])
  expect(warnings(root, String.raw`sub/c\d`)).toEqual([expect.stringMatching(/write --path sub$/)])
  expect(warnings(scene.path('main/sub'), String.raw`c\d`)).toEqual([expect.stringMatching(/write --path \.$/)])
  const typed = { root, folder: scene.path('main/sub') }
  expect(rootedRegion({ paths: ['.'] }, typed).region).toEqual(['sub'])
  expect(warnings(root, String.raw`src\api`)).toEqual([])
})

it('a store that keeps one root for all who name it has no other root below that', async () => {
  using scene = new Scene()
  scene.folder('work')
  const path = scene.path('l.db')
  const made = await scene.holdfast('work', ['init', '--store', `sqlite:${path}`])
  expect(made.exitCode).toBe(0)
  scene.repository('work/nested')
  const standing = { root: scene.path('work'), folder: scene.path('work'), named: `sqlite:${path}` }
  expect(rootedRegion({ paths: ['nested/x'] }, standing).region).toEqual(['nested/x'])
  expect(() => rootedRegion({ paths: ['nested/x'] }, { ...standing, named: undefined })).toThrow('nested')
})
