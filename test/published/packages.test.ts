import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { archive, pack, PACKAGES, type Packed } from '../../scripts/pack.ts'
import { Holdfast } from '../cli/holdfast.ts'
import { blocksOf, sampleOf, samplesOf } from '../readme/run-sample.ts'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)

/** A project outside the workspace, where the packages are installed as a registry would give them. */
const project = mkdtempSync(join(tmpdir(), 'holdfast-packages-'))
afterAll(() => rmSync(project, { recursive: true, force: true }))

const Manifest = z.object({
  name: z.string(),
  exports: z.record(z.string(), z.unknown()),
  dependencies: z.record(z.string(), z.string()),
  engines: z.object({ node: z.string().regex(/^>=\d+(\.\d+)?$/) }),
})
type Manifest = z.infer<typeof Manifest>

const read = (file: string): Manifest => Manifest.parse(JSON.parse(readFileSync(file, 'utf8')))

let packed: readonly Packed[]
let manifests: readonly Manifest[]

beforeAll(async () => {
  packed = await pack(join(project, 'packed'))
  manifests = packed.map(({ folder }) => read(join(folder, 'package.json')))
  for (const [at, { name, folder }] of packed.entries()) {
    // Each dependency of others has to be named by the package that asks for it: it gets no neighbour's.
    const modules = join(project, 'node_modules', name, 'node_modules')
    cpSync(folder, dirname(modules), { recursive: true })
    for (const dependency of Object.keys(manifests[at]?.dependencies ?? {})) {
      if (!dependency.startsWith('@holdfast/')) link(dependency, modules, folderOf(name))
    }
  }
  link('@types/node', join(project, 'node_modules'), root)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', private: true }))
}, 120_000) // All packages are built.

const folderOf = (name: string): string =>
  join(root, 'packages', name === 'holdfast' ? 'cli' : name.slice('@holdfast/'.length))

function link(dependency: string, modules: string, owner: string): void {
  const to = join(modules, dependency)
  mkdirSync(dirname(to), { recursive: true })
  symlinkSync(realpathSync(join(owner, 'node_modules', dependency)), to)
}

/** What can be imported: `@holdfast/engine/lean`, and so on. */
const entries = (): readonly string[] =>
  manifests.flatMap(({ name, exports }) =>
    Object.keys(exports)
      .filter(path => path !== './package.json')
      .map(path => name + path.slice(1)),
  )

test('a checker of packages finds nothing to say about them', () => {
  expect(packed.map(({ name, faults }) => [name, faults])).toEqual(
    ['core', 'store', 'projections', 'engine', 'server', 'mcp']
      .map(name => [`@holdfast/${name}`, []])
      .concat([['holdfast', []]]),
  )
})

test('a package depends on exact versions, none of them of the workspace', () => {
  for (const { dependencies } of manifests)
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/)
})

test('a package asks for no older Node than the packages beneath it', () => {
  const oldest = ({ engines }: Manifest): number => {
    const [major = 0, minor = 0] = engines.node.slice('>='.length).split('.').map(Number)
    return major * 1_000 + minor
  }
  const oldestOf = new Map(manifests.map(manifest => [manifest.name, oldest(manifest)]))
  for (const manifest of manifests)
    for (const name of Object.keys(manifest.dependencies))
      expect(oldestOf.get(name) ?? 0, `${manifest.name} on ${name}`).toBeLessThanOrEqual(oldest(manifest))
})

test('everything exported can be imported, and what it names is there', async () => {
  writeFileSync(
    join(project, 'import-all.js'),
    `const names = ${JSON.stringify(entries())}
     const all = await Promise.all(names.map(async name => [name, Object.keys(await import(name)).length]))
     console.log(JSON.stringify(all))`,
  )
  const { stdout } = await run(process.execPath, ['import-all.js'], { cwd: project })
  const counts = z.array(z.tuple([z.string(), z.int().positive()])).parse(JSON.parse(stdout))
  expect(counts.map(([name]) => name)).toEqual(entries())
  expect(counts.length).toBeGreaterThan(12)
})

test('an archive stays installed when npm installs again', async () => {
  const there = join(project, 'own-project')
  mkdirSync(there)
  writeFileSync(join(there, 'package.json'), JSON.stringify({ private: true }))
  const core = packed.find(({ name }) => name === '@holdfast/core')?.folder ?? ''
  // What core depends on comes from here as well, so that no registry is asked.
  const zod = realpathSync(join(folderOf('@holdfast/core'), 'node_modules', 'zod'))
  cpSync(zod, join(there, 'zod'), { recursive: true })
  const archives = [archive(core, there), './zod']
  const quietly = ['--offline', '--no-audit', '--no-fund']
  await run('npm', ['install', ...archives, ...quietly], { cwd: there })
  await run('npm', ['install', ...quietly], { cwd: there })
  const installed = join(there, 'node_modules', '@holdfast', 'core')
  expect(lstatSync(installed).isSymbolicLink()).toBe(false)
  const { stdout } = await run(
    process.execPath,
    ['-e', "import('@holdfast/core').then(core => console.log(typeof core.decide))"],
    { cwd: there },
  )
  expect(stdout).toBe('function\n')
})

test('the types hold in a strict project, the samples of the documents compile, and that of the README runs', async () => {
  const imports = entries().map((name, at) => `export * as entry${at} from '${name}'`)
  writeFileSync(join(project, 'types.ts'), imports.join('\n'))
  writeFileSync(join(project, 'sample.ts'), sampleOf('README.md'))
  // Every block of a package's README, marked or not: people copy all of them.
  const readmes = PACKAGES.map(name => join('packages', name, 'README.md')).filter(file => existsSync(join(root, file)))
  expect(readmes.length).toBeGreaterThan(3)
  const samples = [...readmes.flatMap(blocksOf), ...['docs/reaping.md', 'docs/heartbeat.md'].flatMap(samplesOf)]
  const names = samples.map((sample, at) => {
    writeFileSync(join(project, `sample-${at}.ts`), sample)
    return `sample-${at}.ts`
  })
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: ['node'],
  }
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['types.ts', 'sample.ts', ...names] }),
  )
  const { stdout: compiled } = await run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', project], {
    cwd: project,
  }).catch((error: unknown) => ({ stdout: z.object({ stdout: z.string() }).parse(error).stdout }))
  expect(compiled).toBe('')
  const { stdout } = await run(process.execPath, ['sample.js'], { cwd: project })
  expect(stdout).toBe('only while held, with fencing token 1\n')
})

test('the page lies beside the programs that serve it, and fetches nothing from elsewhere', () => {
  for (const name of ['holdfast', '@holdfast/server']) {
    const page = join(project, 'node_modules', name, 'dist', 'page')
    const index = readFileSync(join(page, 'index.html'), 'utf8')
    const named = [...index.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '')
    expect(named.length).toBeGreaterThan(1)
    for (const file of named) expect(existsSync(join(page, file)), file).toBe(true)
  }
})

test('the command runs, and loads the client of EventStoreDB where that is asked for', async () => {
  const holdfast = new Holdfast(join(project, 'node_modules', 'holdfast', 'dist', 'holdfast.cjs'))
  expect(await holdfast.ask('acquire', 'api', '--holder', 'me')).toMatchObject({
    exitCode: 0,
    answer: { outcome: 'granted' },
  })
  expect(await holdfast.ask('leases')).toMatchObject({ exitCode: 0, answer: { leases: [{ lane: 'api' }] } })
  // The shims of a package manager point NODE_PATH at the workspace, where everything is.
  const elsewhere = await holdfast.call(['leases', '--store', 'esdb://127.0.0.1:1?tls=false'], {
    env: { NODE_PATH: '' },
  })
  expect(elsewhere.exitCode).toBe(5)
  expect(elsewhere.stderr).toContain('127.0.0.1:1')
})
