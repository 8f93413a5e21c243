import { dirname, join } from 'node:path'
import * as path from 'node:path'
import { quoted, TOLD_LENGTH_MAX, writes, type Call, type Program } from './call.ts'
import { givenOptions } from './options.ts'
import type { Field } from './state.ts'

/** Folders upward that are looked at for a manifest. */
const LEVELS_MAX = 64

interface Manager {
  /** What stands at the top of a package, the first one that is found upward. */
  readonly manifest: string
  /** Commands, and what they write: relative to the package; `+` when they are given names. */
  readonly commands: Readonly<Record<string, readonly string[]>>
  /** What a call without a command is. */
  readonly bare?: string
  /** The option that says where the package is. */
  readonly folder?: readonly string[]
  /** Words that start another program or a script of the manifest. */
  readonly runs?: Readonly<Record<string, 'script' | 'program'>>
}

const NPM = ['package-lock.json', 'node_modules', '+package.json']
const PNPM = ['pnpm-lock.yaml', 'node_modules', '+package.json']
const YARN = ['yarn.lock', 'node_modules', '+package.json']
const BUN = ['bun.lock', 'node_modules', '+package.json']
const named = (names: readonly string[], files: readonly string[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(names.map(name => [name, files]))
const RUNS = {
  run: 'script',
  'run-script': 'script',
  test: 'script',
  t: 'script',
  start: 'script',
  exec: 'program',
  dlx: 'program',
  x: 'program',
} as const

/** What package managers write in a work tree. Their caches lie elsewhere, and are nobody's. */
const MANAGERS: Readonly<Record<string, Manager>> = {
  npm: {
    manifest: 'package.json',
    commands: {
      ...named(
        [
          'install',
          'i',
          'add',
          'uninstall',
          'remove',
          'rm',
          'un',
          'update',
          'up',
          'upgrade',
          'dedupe',
          'prune',
          'link',
          'audit-fix',
        ],
        NPM,
      ),
      ...named(['ci', 'clean-install'], ['node_modules']),
      ...named(['version', 'init', 'pkg'], ['+package.json', '+package-lock.json']),
      shrinkwrap: ['npm-shrinkwrap.json'],
    },
    folder: ['prefix', 'C'],
    runs: RUNS,
  },
  pnpm: {
    manifest: 'package.json',
    commands: { ...named(['install', 'i', 'add', 'remove', 'rm', 'update', 'up', 'dedupe', 'import'], PNPM) },
    folder: ['dir', 'C'],
    runs: RUNS,
  },
  yarn: {
    manifest: 'package.json',
    commands: { ...named(['install', 'add', 'remove', 'up', 'upgrade'], YARN) },
    bare: 'install',
    folder: ['cwd'],
    runs: RUNS,
  },
  bun: {
    manifest: 'package.json',
    commands: { ...named(['install', 'i', 'add', 'remove', 'rm', 'update'], BUN) },
    folder: ['cwd'],
    runs: RUNS,
  },
  cargo: {
    manifest: 'Cargo.toml',
    commands: {
      ...named(['add', 'remove', 'rm'], ['Cargo.toml', 'Cargo.lock']),
      ...named(['build', 'check', 'test', 'run', 'update', 'clippy', 'generate-lockfile'], ['Cargo.lock']),
      fmt: [],
    },
  },
  go: { manifest: 'go.mod', commands: { mod: ['go.mod', 'go.sum'], get: ['go.mod', 'go.sum'] } },
  poetry: {
    manifest: 'pyproject.toml',
    commands: { ...named(['add', 'remove', 'update'], ['pyproject.toml', 'poetry.lock']), lock: ['poetry.lock'] },
    runs: { run: 'program' },
  },
  uv: {
    manifest: 'pyproject.toml',
    commands: {
      ...named(['add', 'remove'], ['pyproject.toml', 'uv.lock', '.venv']),
      ...named(['sync', 'lock'], ['uv.lock', '.venv']),
    },
    runs: { run: 'program' },
  },
  composer: {
    manifest: 'composer.json',
    commands: { ...named(['install', 'require', 'update', 'remove'], ['composer.lock', 'vendor', '+composer.json']) },
  },
  bundle: {
    manifest: 'Gemfile',
    commands: { ...named(['install', 'add', 'update', 'lock'], ['Gemfile.lock', '+Gemfile']) },
    runs: { exec: 'program' },
  },
}

export const PACKAGE_MANAGERS: Readonly<Record<string, Program>> = Object.fromEntries(
  Object.entries(MANAGERS).map(([name, manager]) => [name, (call: Call) => managed(call, manager)]),
)

const SHAPE = {
  long: ['prefix', 'dir', 'cwd', 'filter', 'workspace', 'registry', 'manifest-path'],
  valued: 'CwF',
  endsAtOperand: true,
}

function managed(call: Call, manager: Manager): Field {
  const before = givenOptions(call.words, SHAPE)
  const [command = manager.bare ?? null, ...words] = before.rest
  if (command === null) return null
  const behind = givenOptions(words, SHAPE)
  const folderNames = manager.folder ?? []
  const folder = [...before.values(...folderNames), ...behind.values(...folderNames)][0]
  const isGlobal = [before, behind].some(given => given.has('g', 'global', 'location'))
  const top = topOf(call, manager.manifest, folder)
  const kind = manager.runs?.[command]
  if (kind === 'program') return call.start(words[0] === '--' ? words.slice(1) : words)
  if (
    kind === 'script' ||
    (manager.manifest === 'package.json' && manager.commands[command] === undefined && call.name !== 'npm')
  ) {
    return script(
      call,
      top,
      kind === 'script' && command.startsWith('run') ? (behind.rest[0] ?? null) : command === 't' ? 'test' : command,
      behind,
    )
  }
  const files = Object.hasOwn(manager.commands, command) ? manager.commands[command] : undefined
  if (files === undefined || isGlobal || words.includes('--dry-run')) return null
  for (const file of files) {
    const isForNames = file.startsWith('+')
    if (isForNames && givenOptions(words, { ...SHAPE, endsAtOperand: false }).operands.length === 0) continue
    const name = isForNames ? file.slice(1) : file
    if (top === null) writes(call, name)
    else writes(call, join(nearest(call, top, name), name))
  }
  return null
}

/** The text of a script is known: it is read as if it had been typed. */
function script(call: Call, top: string | null, name: Field, given: { readonly rest: readonly Field[] }): Field {
  const texts = top === null || name === null ? [] : scriptsOf(call.look.text(join(top, 'package.json')), name)
  if (texts.length === 0) {
    call.found.unresolved(
      [call.name, ...call.words.map(word => word ?? '?')].join(' ').slice(0, TOLD_LENGTH_MAX),
      'program',
    )
    return null
  }
  const state = call.state.copy()
  state.folder = top
  const end = given.rest.indexOf('--')
  const more =
    end < 0
      ? ''
      : given.rest
          .slice(end + 1)
          .map(word => ` ${quoted(word)}`)
          .join('')
  for (const [place, text] of texts.entries()) call.run(place === texts.length - 1 ? text + more : text, { state })
  return null
}

/** `preNAME`, `postNAME` and NAME itself, the last one last: to it words may be added. */
function scriptsOf(manifest: string | null, name: string): readonly string[] {
  const read = manifest === null ? null : parsed(manifest)
  const scripts: unknown = isRecord(read) ? read['scripts'] : null
  if (!isRecord(scripts) || typeof scripts[name] !== 'string') return []
  return [`pre${name}`, `post${name}`, name].flatMap(each => {
    const text = Object.hasOwn(scripts, each) ? scripts[each] : undefined
    return typeof text === 'string' ? [text] : []
  })
}

function parsed(text: string): unknown {
  try {
    const read: unknown = JSON.parse(text)
    return read
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The nearest folder upward with the manifest. */
function topOf({ state, look }: Call, manifest: string, folder: Field | undefined): string | null {
  const from = folder === undefined ? state.folder : state.path(folder)
  if (from === null) return null
  let at = path.resolve(from)
  for (let level = 0; level < LEVELS_MAX; level += 1) {
    if (look.kind(join(at, manifest)) === 'file') return at
    if (dirname(at) === at) break
    at = dirname(at)
  }
  return from
}

/** A lock file of a workspace stands further up. */
function nearest({ look }: Call, top: string, name: string): string {
  let at = top
  for (let level = 0; level < LEVELS_MAX && name.includes('lock'); level += 1) {
    if (look.kind(join(at, name)) === 'file') return at
    if (dirname(at) === at) break
    at = dirname(at)
  }
  return top
}
