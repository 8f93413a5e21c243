// What is published: each library as plain JavaScript with its types, and the command line as a bundle that starts fast.
// `scripts/pack.ts` makes packages of it.
//   npm run build
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { rolldown, type InputOptions, type OutputOptions, type Plugin } from 'rolldown'
import { buildPage } from './build/page.ts'
import { bundleQuick } from './build/quick-bundle.ts'

const root = join(import.meta.dirname, '..')
const cache = join(root, 'node_modules', '.cache', 'holdfast')

/** What is compiled file by file, and where its sources are: the libraries, and of the command line its schemas. */
const LIBRARIES = {
  core: '.',
  store: '.',
  projections: '.',
  engine: '.',
  server: '.',
  mcp: '.',
  cli: 'schemas',
} as const

/**
 * Loaded only by those who ask for it: the client of a server, far larger than everything else together, and what draws
 * `top`, which awaits when it is loaded and so cannot be part of a CommonJS file.
 */
export const LEFT_OUTSIDE = ['@eventstore/db-client', 'ink', 'react']

/**
 * The argument parser loads Node's child processes for subcommands that are programs of their own. There are none here,
 * and loading them takes longer than parsing the arguments.
 */
const withoutChildProcesses: Plugin = {
  name: 'no-executable-subcommands',
  resolveId: (id, importer) => (id === 'node:child_process' && importer?.includes('/commander/') ? STUB : null),
  load: id => (id === STUB ? 'export default {}' : null),
}
const STUB = '\0no-child-processes'

/**
 * Its main file hides from bundlers what it loads. The modules that it has beside that are written for bundlers alone, so no
 * import can name them.
 */
export const asModules: Plugin = {
  name: 'jsonc-parser-as-modules',
  resolveId: (id, importer) =>
    id === 'jsonc-parser' && importer !== undefined
      ? createRequire(importer).resolve(id).replace('/umd/', '/esm/')
      : null,
}

/** What the beginning is written in, so that an old Node can read on to where it is told. */
const OLDEST_TOLD = 'es2018'

const BEGINNING = `#!/usr/bin/env node
'use strict'
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(\`holdfast needs Node 24 or newer; this is \${process.versions.node}. For this project alone: npm install --save-dev node@24, then npx holdfast.\\n\`)
  process.exit(1)
}
require('node:module').enableCompileCache()`

/**
 * Writes the bundled command line into `folder`: `holdfast.cjs`, which starts one of four programs, and parts that are
 * loaded when they are asked for. `quick.cjs` holds a few commands that have to start at once, `writer.cjs` those that
 * write one thing and end, `hook.cjs` what an agent calls at each of its steps, `main.cjs` all of them.
 * CommonJS and small, because both are measurable in the start of a command.
 */
export async function bundleCommandLine(folder: string): Promise<string> {
  const sources = join(root, 'packages', 'cli', 'src')
  const plugins = [withoutChildProcesses, asModules]
  const fromWhole = await bundleQuick(join(sources, 'quick.ts'), join(folder, 'quick.cjs'), plugins)
  const engine = join(root, 'packages', 'engine', 'src')
  const lean = join(engine, 'lean.ts')
  const served = ['find-server.ts', 'served-commands.ts', 'tell-server.ts'].map(file => join(engine, 'served', file))
  const writer = await bundleQuick(join(sources, 'writer.ts'), join(folder, 'writer.cjs'), plugins, [lean, ...served])
  const agentHook = join(sources, 'commands', 'agent-hook.ts')
  const hook = await bundleQuick(join(sources, 'hook.ts'), join(folder, 'hook.cjs'), plugins, [lean, agentHook])
  for (const [path, name] of [...writer, ...hook]) fromWhole.set(path, name)
  const parts = Object.fromEntries([...fromWhole].map(([file, name]) => [basename(name, '.cjs'), file]))
  const names = { entryFileNames: '[name].cjs', chunkFileNames: 'parts/[name]-[hash].cjs' }
  const main = { main: join(sources, 'main.ts'), ...parts }
  await bundle(main, { dir: folder, format: 'cjs', minify: true, ...names }, { plugins })
  const start = join(folder, 'holdfast.cjs')
  const output = { file: start, format: 'cjs', minify: true, dynamicImportInCjs: false, banner: BEGINNING } as const
  await bundle(join(sources, 'start.ts'), output, { plugins: [programs], transform: { target: OLDEST_TOLD } })
  chmodSync(start, 0o755)
  return start
}

/** The programs that the start chooses from are files of their own. */
const programs: Plugin = {
  name: 'programs',
  resolveId: (id, _importer, { kind }) =>
    kind === 'dynamic-import' ? { id: id.replace(/\.ts$/, '.cjs'), external: true } : null,
}

async function bundle(
  input: string | Record<string, string>,
  output: OutputOptions,
  options: Pick<InputOptions, 'plugins' | 'transform'> = {},
): Promise<void> {
  const built = await rolldown({ input, platform: 'node', external: LEFT_OUTSIDE, ...options })
  await built.write(output)
  await built.close()
}

/** Compiles all libraries at once and gives each its part in a new `dist`. */
function compileLibraries(): void {
  mkdirSync(cache, { recursive: true })
  const out = mkdtempSync(join(cache, 'build-'))
  try {
    const config = join(cache, 'tsconfig.build.json')
    const libraries = Object.entries(LIBRARIES)
    const sources = libraries.map(([name, part]) => join(root, 'packages', name, 'src', part, '**', '*'))
    writeFileSync(
      config,
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { noEmit: false, declaration: true, outDir: out, rootDir: join(root, 'packages') },
        include: sources,
        exclude: [join(root, 'packages', '**', '*.test.ts')],
      }),
    )
    const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', config], { stdio: 'inherit' })
    if (status !== 0) throw new Error('the libraries do not compile')
    for (const [name, part] of libraries) {
      const dist = join(root, 'packages', name, 'dist')
      rmSync(dist, { recursive: true, force: true })
      cpSync(join(out, name, 'src', part), join(dist, part), { recursive: true })
    }
  } finally {
    rmSync(out, { recursive: true })
  }
}

/** Builds all of it anew, as the `dist` of each package. */
export async function build(): Promise<void> {
  compileLibraries()
  await bundleCommandLine(join(root, 'packages', 'cli', 'dist'))
  const page = await buildPage()
  // Beside both programs that serve it.
  for (const name of ['server', 'cli']) cpSync(page, join(root, 'packages', name, 'dist', 'page'), { recursive: true })
}

if (import.meta.main) {
  await build()
  console.log('built packages/*/dist')
}
