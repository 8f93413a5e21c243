import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '..', '..')
const web = join(root, 'packages', 'web')
const built = join(web, 'dist')
/** Of what state of the sources `dist` was built. */
const stamp = join(web, 'node_modules', '.cache', 'holdfast', 'page-state')

/** Builds the page, unless it is built of these very sources, and answers with its folder. */
export async function buildPage(): Promise<string> {
  const state = stateOfSources()
  if (existsSync(join(built, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return built
  await asPublished(() => build({ configFile: join(web, 'vite.config.ts'), logLevel: 'warn' }))
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, state)
  return built
}

/** A test runner's environment would build a page for developers, with paths of this machine in it. */
async function asPublished(work: () => Promise<unknown>): Promise<void> {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  try {
    await work()
  } finally {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  }
}

function stateOfSources(): string {
  const sources = readdirSync(join(web, 'src'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map(({ parentPath, name }) => join(parentPath, name))
  const others = ['index.html', 'vite.config.ts', 'package.json'].map(name => join(web, name))
  const hash = createHash('sha256')
  for (const file of [...sources, ...others, join(root, 'pnpm-lock.yaml'), import.meta.filename].sort()) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}
