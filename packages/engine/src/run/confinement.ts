import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { InputError } from '../input-error.ts'
import { repositoryAbove } from '../which-ledger/repository.ts'
import { isWithin } from '../which-ledger/within.ts'
import { ConfinementError } from './confinement-error.ts'
import { findCommand } from './find-command.ts'
import { leasedPlace } from './leased-places.ts'

/** Longest wait for the answer whether commands can be confined. */
const PROBE_TIMEOUT_MS = 10_000

const PROGRAM = 'bwrap'

/** What a command may write, and where it runs. */
export interface ConfinementRequest {
  /** What regions are relative to; absolute and real. */
  readonly root: string
  /** The globs that the command's leases cover exclusively. */
  readonly region: readonly string[]
  /** Further places, absolute: caches, say. */
  readonly writable: readonly string[]
  /** The ledger's store, which stays read-only whatever is leased around it. */
  readonly storeUrl: string
  readonly env: NodeJS.ProcessEnv
}

/** The words that start a command confined, and the folders that have to be there by then. */
export interface Confinement {
  readonly words: readonly string[]
  readonly makes: readonly string[]
}

/**
 * Plans how a command is confined by bubblewrap: everything is read-only but the leased places, the temporary folders and
 * `writable`. Processes are in a namespace of their own, which ends as a whole. The network is as outside.
 *
 * @throws InputError for a region or a place that cannot be given to a command alone.
 * @throws ConfinementError where the program is not there.
 */
export function planConfinement(request: ConfinementRequest): Confinement {
  const { root, env } = request
  const program = findCommand(PROGRAM, env['PATH'] ?? '')
  if (program.found !== 'executable') {
    throw new ConfinementError(
      'The command cannot be confined: bubblewrap (`bwrap`) is not installed. Install it (Debian: `apt install bubblewrap`), or run without --confine.',
    )
  }
  const leased = leasedPaths(request)
  const further = request.writable.map((path, place) => writablePlace(path, `writable.${place}`, root))
  const temporary = temporaryFolders(env)
  const open = [...temporary, ...further, ...leased.map(({ path }) => path)]
  const closed = protectedPlaces(root).filter(place => temporary.some(folder => isWithin(place, folder)))
  const ledger = ledgerPlaces(request.storeUrl, open)
  const words = [
    program.path,
    '--unshare-user',
    '--unshare-pid',
    '--cap-drop',
    'ALL',
    '--die-with-parent',
    // Everything read-only, with devices that can be opened, and the processes of the namespace.
    '--ro-bind',
    '/',
    '/',
    '--dev-bind',
    '/dev',
    '/dev',
    '--proc',
    '/proc',
    ...temporary.flatMap(place => ['--bind', place, place]),
    ...closed.flatMap(place => ['--ro-bind', place, place]),
    ...further.flatMap(place => ['--bind', place, place]),
    // One that is made when the lease is granted is not there yet for whoever tries this out.
    ...leased.flatMap(({ path, isThere }) => [isThere ? '--bind' : '--bind-try', path, path]),
    ...ledger.flatMap(place => ['--ro-bind-try', place, place]),
  ]
  return { words, makes: leased.filter(({ isThere }) => !isThere).map(({ path }) => path) }
}

/**
 * Tries out whether a command can be confined so.
 *
 * @throws ConfinementError, with what the program says, where it cannot.
 */
export async function tryConfinement({ words: [program = PROGRAM, ...options] }: Confinement): Promise<void> {
  await new Promise<void>((done, failed) => {
    const given = [...options, '--', '/bin/sh', '-c', ':']
    execFile(program, given, { timeout: PROBE_TIMEOUT_MS }, (error, _stdout, stderr) => {
      if (error === null) {
        done()
        return
      }
      const why = stderr.trim().split('\n')[0] ?? ''
      const message = `The command cannot be confined: ${why === '' ? error.message : why}. User namespaces may not be allowed here (\`sysctl user.max_user_namespaces kernel.apparmor_restrict_unprivileged_userns\`); allow them, or run without --confine.`
      failed(new ConfinementError(message, { cause: error }))
    })
  })
}

interface Leased {
  readonly path: string
  readonly isThere: boolean
}

function leasedPaths({ root, region }: ConfinementRequest): readonly Leased[] {
  const places = region.map(glob => ({ glob, place: leasedPlace(glob) }))
  const targets = new Map<string, Leased>()
  for (const { glob, place } of places) {
    if (place === null) {
      throw fault(
        'region',
        `${JSON.stringify(glob)} covers paths by a pattern, and only whole folders and files can be given to a confined command; write it as folder/** or --path FILE`,
      )
    }
    const path = join(root, place.path)
    const real = realOf(path)
    if (real === null && !place.isFolder) {
      throw fault(
        'region',
        `${JSON.stringify(glob)} is not there yet, so it cannot be given to a confined command; make it first (touch, mkdir), or lease the folder (${dirname(glob)}/**)`,
      )
    }
    if (real !== null && real !== path) {
      const isLeased = places.some(other => other.place !== null && isWithin(real, join(root, other.place.path)))
      if (isLeased) continue
      throw fault(
        'region',
        `${JSON.stringify(glob)} leads to ${real} by a symbolic link, and the lease does not cover that; lease it as well`,
      )
    }
    if (real === null) demandParent(path, glob, root)
    targets.set(path, { path, isThere: real !== null })
  }
  return [...targets.values()]
}

/** What is made for the command must come to stand where its name says. */
function demandParent(path: string, glob: string, root: string): void {
  for (let folder = dirname(path); folder !== root && folder !== dirname(folder); folder = dirname(folder)) {
    const real = realOf(folder)
    if (real === folder) return
    if (real !== null)
      throw fault('region', `${JSON.stringify(glob)} leads through a symbolic link to ${real}; lease that`)
  }
}

function writablePlace(path: string, field: string, root: string): string {
  const real = realOf(path)
  if (real === null) throw fault(field, `${JSON.stringify(path)} is not there; make it first`)
  if (isWithin(root, real)) {
    throw fault(
      field,
      `${JSON.stringify(path)} holds the root ${root}, and with it what others lease; name a folder in it or elsewhere`,
    )
  }
  return real
}

function temporaryFolders(env: NodeJS.ProcessEnv): readonly string[] {
  const named = [env['TMPDIR'] ?? '', tmpdir(), '/tmp', '/var/tmp'].filter(folder => folder !== '' && folder !== '/')
  const real = named.flatMap(folder => realOf(resolve(folder)) ?? [])
  return [...new Set(real)].filter(folder => statSync(folder).isDirectory())
}

/** Work trees of the repository, and what they share: they stay closed even where they lie in a temporary folder. */
function protectedPlaces(root: string): readonly string[] {
  const repository = repositoryAbove(root)
  if (repository === null) return [root]
  const { commonDir } = repository
  const main = basename(commonDir) === '.git' ? [dirname(commonDir)] : []
  const others = namesIn(join(commonDir, 'worktrees')).flatMap(name => {
    try {
      return [dirname(readFileSync(join(commonDir, 'worktrees', name, 'gitdir'), 'utf8').trim())]
    } catch {
      return []
    }
  })
  const real = [root, commonDir, ...main, ...others].flatMap(place => realOf(place) ?? [])
  return [...new Set(real)]
}

function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

/** What SQLite and the store keep beside a database. */
const BESIDE = ['', '-wal', '-shm', '.head', '.notify', '.queue', '.root'] as const

/**
 * The ledger's folder, or where that is written for another reason its files. Beats come from outside. A ledger that is made
 * by this very command is not there yet.
 */
function ledgerPlaces(storeUrl: string, open: readonly string[]): readonly string[] {
  const file = /^sqlite:(.+)$/i.exec(storeUrl)?.[1]
  if (file === undefined) return []
  const path = realOf(resolve(file)) ?? resolve(file)
  if (!open.some(place => isWithin(path, place))) return []
  const folder = dirname(path)
  if (['holdfast', '.holdfast'].includes(basename(folder))) return [folder]
  const there = namesIn(folder).filter(name => name.startsWith(basename(path)))
  return [...new Set([...there, ...BESIDE.map(ending => `${basename(path)}${ending}`)])].map(name => join(folder, name))
}

function realOf(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

function fault(path: string, message: string): InputError {
  return new InputError([{ path, message }])
}
