import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { rolldown } from 'rolldown'
import { asModules, bundleCommandLine, LEFT_OUTSIDE } from '../../scripts/build.ts'
import { bundleName, BUNDLED } from './child-scripts.ts'

const root = join(import.meta.dirname, '..', '..')
const tests = join(root, 'test')
/** Below the command line's own dependencies, so that what the bundle leaves outside is found from there. */
const cache = join(root, 'packages', 'cli', 'node_modules', '.cache', 'holdfast')

/**
 * Builds the command line once for each state of its sources, and names it to the tests and all that they start. Scripts
 * that tests start from the sources keep what Node compiled of them: most of their time is their start.
 */
export async function setup(): Promise<void> {
  const built = join(cache, `command-${stateOfSources()}`)
  if (!existsSync(built)) {
    rmSync(cache, { recursive: true, force: true })
    mkdirSync(cache, { recursive: true })
    const making = `${built}.${process.pid}`
    await bundleCommandLine(making)
    await bundleScripts(join(making, 'scripts'))
    renameSync(making, built)
  }
  process.env['NODE_COMPILE_CACHE'] ??= join(root, 'node_modules', '.cache', 'holdfast', 'compiled')
  process.env['HOLDFAST_TEST_COMMAND'] = join(built, 'holdfast.cjs')
  process.env['HOLDFAST_TEST_SCRIPTS'] = join(built, 'scripts')
}

/** Each by itself, so that it holds no more than it uses. */
async function bundleScripts(folder: string): Promise<void> {
  for (const script of BUNDLED) {
    const input = { [bundleName(script)]: join(tests, script) }
    const built = await rolldown({ input, platform: 'node', external: LEFT_OUTSIDE, plugins: [asModules] })
    await built.write({ dir: folder, entryFileNames: '[name]', chunkFileNames: 'parts/[name]-[hash].mjs' })
    await built.close()
  }
}

function stateOfSources(): string {
  const hash = createHash('sha256')
  const packages = join(root, 'packages')
  const sources = readdirSync(packages).flatMap(name => filesBelow(join(packages, name, 'src')))
  const scripts = [...filesBelow(import.meta.dirname), ...BUNDLED.map(script => join(tests, script))]
  const files = [...sources, ...scripts, ...filesBelow(join(root, 'scripts')), join(root, 'pnpm-lock.yaml')].sort()
  for (const file of files)
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex').slice(0, 16)
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}
