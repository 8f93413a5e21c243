// The packages as a registry gets them: built, with the manifest that holds outside the workspace, and checked.
//   npm run pack [FOLDER]      then: npm install FOLDER/*.tgz, or npm publish FOLDER/core, and so on
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import * as z from 'zod'
import { build } from './build.ts'

const root = join(import.meta.dirname, '..')

/** In the order in which they have to be published: none depends on a later one. */
export const PACKAGES = ['core', 'store', 'projections', 'engine', 'server', 'mcp', 'cli'] as const

const Manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  publishConfig: z.looseObject({ access: z.string() }),
})
type Manifest = z.infer<typeof Manifest>

/** A package that lies ready, and what a checker of packages has to say of it. */
export interface Packed {
  readonly name: string
  readonly folder: string
  readonly faults: readonly string[]
}

/** Builds everything and puts each package into a folder of its own below `into`, in place of what was there. */
export async function pack(into: string): Promise<readonly Packed[]> {
  await build()
  const versions = new Map(PACKAGES.map(read).map(({ name, version }) => [name, version]))
  const packed: Packed[] = []
  for (const name of PACKAGES) {
    const folder = join(into, name)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    const manifest = published(read(name), versions)
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
    const source = join(root, 'packages', name)
    cpSync(join(source, 'dist'), join(folder, 'dist'), { recursive: true })
    const readme = [source, root].map(at => join(at, 'README.md')).find(file => existsSync(file))
    if (readme !== undefined) cpSync(readme, join(folder, 'README.md'))
    cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
    const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true })
    const faults = messages.map(message => formatMessage(message, pkg, { color: false }) ?? message.code)
    packed.push({ name: manifest.name, folder, faults })
  }
  return packed
}

/**
 * Writes the archive of one packed folder into `into`, and answers with its path. A project installs archives: a folder
 * would be linked by the next plain `npm install` there, and linked packages do not find their dependencies.
 */
export function archive(folder: string, into: string): string {
  const told = execFileSync('npm', ['pack', folder, '--pack-destination', into, '--json'], { encoding: 'utf8' })
  const [made] = Archives.parse(JSON.parse(told))
  if (made === undefined) throw new Error(`npm made no archive of ${folder}`)
  return join(into, made.filename)
}

const Archives = z.array(z.object({ filename: z.string() }))

function read(name: string): Manifest {
  return Manifest.parse(JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')))
}

/** Inside the workspace a package is its sources, and its neighbours are wherever they are; outside neither holds. */
function published({ publishConfig, ...manifest }: Manifest, versions: ReadonlyMap<string, string>) {
  const { access, ...instead } = publishConfig
  const dependencies: Record<string, string> = {}
  for (const [name, range] of Object.entries(manifest.dependencies)) dependencies[name] = versions.get(name) ?? range
  return { ...manifest, ...instead, dependencies, publishConfig: { access } }
}

if (import.meta.main) {
  const into = resolve(process.argv[2] ?? join(root, 'dist'))
  for (const old of existsSync(into) ? readdirSync(into) : []) if (old.endsWith('.tgz')) rmSync(join(into, old))
  const packed = await pack(into)
  for (const { name, folder, faults } of packed) {
    console.log(`${name}: ${archive(folder, into)}`)
    for (const fault of faults) console.log(`  ${fault}`)
  }
  console.log(`In a project of your own: npm install ${join(into, '*.tgz')}`)
  if (packed.some(({ faults }) => faults.length > 0)) process.exitCode = 1
}
