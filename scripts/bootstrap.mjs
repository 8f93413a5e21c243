// Makes a fresh clone ready and then runs one script of it on the pinned Node:
//   node scripts/bootstrap.mjs [SCRIPT [ARGUMENT]...]
// Needs nothing but Node 20 and npm. Whatever stops it is said in one sentence with what to do.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

const NODE_MAJOR_MIN = 20
const INSTALL_DEADLINE_MS = 10 * 60_000
const PROGRESS_INTERVAL_MS = 15_000
const LOG_TAIL_CHARS = 20_000

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const bin = join(modules, '.bin')
const stampFile = join(modules, '.holdfast-installed')
const windows = process.platform === 'win32'
const pinnedNode = join(bin, windows ? 'node.exe' : 'node')

/** An expected obstacle: its message is the whole report. */
class Obstacle extends Error {}

/** @param {unknown} error @returns {string} */
const codeOf = error => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown error')

const say = (/** @type {string} */ line) => process.stdout.write(`bootstrap: ${line}\n`)

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code
  },
  (/** @type {unknown} */ error) => {
    process.stderr.write(`${error instanceof Obstacle ? `bootstrap: ${error.message}` : inspect(error)}\n`)
    process.exitCode = 1
  },
)

/** @param {string[]} command */
async function main([script, ...args]) {
  requireNode()
  const wanted = stampOfLockfile()
  if (isInstalled(wanted)) {
    if (script === undefined) say('already installed')
  } else {
    await install()
    requirePinnedNode()
    writeStamp(wanted)
  }
  return script === undefined ? 0 : runScript(script, args)
}

function requireNode() {
  const major = Number.parseInt(process.versions.node, 10)
  if (major >= NODE_MAJOR_MIN) return
  throw new Obstacle(
    `Node ${process.versions.node} is too old to install from; install Node ${NODE_MAJOR_MIN} or newer and run the command again.`,
  )
}

/** The stamp also names the platform: binaries of another one, say from a shared folder, do not run here. */
function stampOfLockfile() {
  const hash = createHash('sha256')
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) {
    try {
      hash.update(readFileSync(join(root, name)))
    } catch (error) {
      throw new Obstacle(`${name} cannot be read (${codeOf(error)}); restore it with "git checkout ${name}".`)
    }
  }
  return `${hash.digest('hex')} ${process.platform}-${process.arch}\n`
}

/** @param {string} wanted */
function isInstalled(wanted) {
  try {
    return readFileSync(stampFile, 'utf8') === wanted && existsSync(pinnedNode)
  } catch {
    return false // no stamp: a fresh clone, or an install that was interrupted
  }
}

async function install() {
  const pnpm = pinnedPackageManager()
  requireWritable()
  const log = openLog()
  say(`installing the dependencies with ${pnpm} (frozen lockfile); log: ${log.path}`)
  const startedMs = Date.now()
  const ended = await runInstaller(pnpm, log.descriptor)
  closeSync(log.descriptor)
  if (ended.failure !== undefined) throw installObstacle(ended.failure, readFileSync(log.path, 'utf8'), log.path)
  rmSync(log.folder, { recursive: true, force: true })
  say(`installed in ${seconds(Date.now() - startedMs)}`)
}

function pinnedPackageManager() {
  const manifest = /** @type {{ packageManager: string }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  )
  return manifest.packageManager.replace(/\+.*/, '')
}

/** Asked before the download, because an installer reports a read-only folder late and at length. */
function requireWritable() {
  const probe = join(modules, `.holdfast-probe-${process.pid}`)
  try {
    mkdirSync(modules, { recursive: true })
    writeFileSync(probe, '')
    rmSync(probe)
  } catch (error) {
    throw new Obstacle(
      `${modules} cannot be written (${codeOf(error)}); make the folder writable or clone to one that is, and run the command again.`,
    )
  }
}

function openLog() {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-install-'))
    const path = join(folder, 'install.log')
    return { folder, path, descriptor: openSync(path, 'w') }
  } catch (error) {
    throw new Obstacle(
      `the temporary folder ${tmpdir()} cannot be written (${codeOf(error)}); set TMPDIR to one that can and run the command again.`,
    )
  }
}

/**
 * @param {string} pnpm
 * @param {number} log
 * @returns {Promise<{ failure?: string }>}
 */
function runInstaller(pnpm, log) {
  const args = ['-y', pnpm, 'install', '--frozen-lockfile', '--prod=false', '--config.confirm-modules-purge=false']
  return new Promise(resolve => {
    const child = spawn('npx', args, {
      cwd: root,
      env: installerEnvironment(),
      stdio: ['ignore', log, log],
      shell: windows,
    })
    const startedMs = Date.now()
    const progress = setInterval(
      () => say(`still installing (${seconds(Date.now() - startedMs)})`),
      PROGRESS_INTERVAL_MS,
    )
    // Not the timeout of spawn: it keeps the process waiting after a command that was not found.
    const deadline = setTimeout(() => child.kill('SIGTERM'), INSTALL_DEADLINE_MS)
    const end = (/** @type {{ failure?: string }} */ result) => {
      clearInterval(progress)
      clearTimeout(deadline)
      resolve(result)
    }
    child.on('error', error => end({ failure: codeOf(error) }))
    child.on('close', (code, signal) => end(code === 0 ? {} : { failure: signal ?? `exit ${code}` }))
  })
}

/**
 * Options given to the outer npm reach every npm below it; the ones that would make this install something else
 * (no devDependencies, no install scripts, another place) are taken out, and a dead registry is given up early.
 */
function installerEnvironment() {
  const misleading =
    /^(npm|pnpm)_config_(ignore_scripts|omit|only|include|production|global|location|prefix|dry_run|offline|package|call|workspaces?|bin_links)$/i
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !misleading.test(name) && name !== 'NODE_ENV'),
  )
  return { npm_config_fetch_retry_mintimeout: '1000', npm_config_fetch_retry_maxtimeout: '5000', ...env }
}

/**
 * @param {string} failure
 * @param {string} log
 * @param {string} logPath
 */
function installObstacle(failure, log, logPath) {
  const tail = log.slice(-LOG_TAIL_CHARS)
  const says = (/** @type {RegExp} */ words) => words.test(tail)
  const again = `and run the command again; the log is ${logPath}.`
  if (failure === 'ENOENT' || says(/(npx|npm)['"]? is not recognized/)) {
    return new Obstacle(`npx was not found on the path; install npm, which comes with Node, and run the command again.`)
  }
  if (failure === 'SIGTERM') {
    return new Obstacle(`the install did not end within ${seconds(INSTALL_DEADLINE_MS)}; check the network ${again}`)
  }
  if (says(/ENOSPC/)) return new Obstacle(`the disk is full; free some space ${again}`)
  if (says(/EROFS|EACCES|EPERM/)) {
    return new Obstacle(`the install may not write where it must; make the folder and npm's cache writable ${again}`)
  }
  if (says(/OUTDATED_LOCKFILE/)) {
    return new Obstacle(
      `pnpm-lock.yaml does not match the package.json files; run "npx -y ${pinnedPackageManager()} install" ${again}`,
    )
  }
  if (
    says(
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|fetch failed|error sending request|dns error/i,
    )
  ) {
    return new Obstacle(
      `the package registry cannot be reached; check the network and the proxy settings of npm ${again}`,
    )
  }
  if (
    says(
      /\bE4(01|03|04|07|29)\b|\bE5\d\d\b|ERR_PNPM_FETCH_\d+|ERR_PNPM_(NO_MATCHING_VERSION|META_FETCH_FAIL)|ETARGET|CERT_|self.signed|UNABLE_TO_/i,
    )
  ) {
    return new Obstacle(
      `the package registry refused a download; check the registry, proxy and certificate settings of npm ("npm config list") ${again}`,
    )
  }
  return new Obstacle(`the install failed (${failure}); read ${logPath}, remove the cause and run the command again.`)
}

function requirePinnedNode() {
  const answer = spawnSync(pinnedNode, ['--version'], { encoding: 'utf8' })
  if (answer.status === 0) return
  throw new Obstacle(
    `the install brought no Node that runs here (${answer.error ? codeOf(answer.error) : `exit ${answer.status}`}); remove ${modules} and run the command again.`,
  )
}

/** @param {string} stamp */
function writeStamp(stamp) {
  try {
    writeFileSync(stampFile, stamp)
  } catch (error) {
    throw new Obstacle(`${stampFile} cannot be written (${codeOf(error)}); make it writable and run the command again.`)
  }
}

/**
 * @param {string} script
 * @param {string[]} args
 * @returns {Promise<number>}
 */
function runScript(script, args) {
  if (!existsSync(join(root, script)))
    throw new Obstacle(`there is no ${script} in this clone; update it and run the command again.`)
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` }
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode, [script, ...args], { cwd: root, env, stdio: 'inherit' })
    // A terminal signals the whole group by itself; a supervisor signals only this process.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', () => child.kill('SIGTERM'))
    child.on('error', error =>
      reject(
        new Obstacle(`${pinnedNode} does not start (${codeOf(error)}); remove ${modules} and run the command again.`),
      ),
    )
    child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
  })
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
