import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const NOBODY = 65_534
const DEADLINE_MS = 20_000
const asRoot = process.getuid?.() === 0

/** An `npx` that installs nothing but a link to this Node. */
const WORKING_NPX = `#!/bin/sh
echo "$@" >> npx-calls
env >> npx-environment
mkdir -p node_modules/.bin && ln -sf "${process.execPath}" node_modules/.bin/node
`

let clone = ''

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'holdfast-clone-'))
  for (const folder of ['scripts', 'path', 'tmp']) mkdirSync(join(clone, folder))
  copyFileSync(join(import.meta.dirname, 'bootstrap.mjs'), join(clone, 'scripts/bootstrap.mjs'))
  writeFileSync(join(clone, 'package.json'), '{ "packageManager": "pnpm@1.2.3+sha512.abc", "type": "module" }')
  writeFileSync(join(clone, 'pnpm-lock.yaml'), 'one')
  writeFileSync(join(clone, 'pnpm-workspace.yaml'), '')
  writeFileSync(join(clone, 'scripts/hello.mjs'), 'console.log("hello", process.argv.slice(2).join(), process.version)')
  writeFileSync(join(clone, 'scripts/exit.mjs'), 'process.exit(7)')
  writeFileSync(join(clone, 'scripts/killed.mjs'), 'process.kill(process.pid, "SIGKILL")')
  npx(WORKING_NPX)
})

afterEach(() => {
  chmodSync(clone, 0o755)
  rmSync(clone, { recursive: true, force: true })
})

function npx(program: string): void {
  writeFileSync(join(clone, 'path/npx'), program)
  chmodSync(join(clone, 'path/npx'), 0o755)
}

interface Start {
  readonly args?: readonly string[]
  readonly preload?: string
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
}

function bootstrap({ args = [], preload, env = {}, uid }: Start = {}) {
  const options = preload === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(preload)}`]
  const ended = spawnSync(process.execPath, [...options, 'scripts/bootstrap.mjs', ...args], {
    cwd: clone,
    env: { PATH: `${join(clone, 'path')}:/usr/bin:/bin`, TMPDIR: join(clone, 'tmp'), CI: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  return { code: ended.status, out: ended.stdout ?? '', err: ended.stderr ?? '' }
}

const calls = () =>
  existsSync(join(clone, 'npx-calls')) ? readFileSync(join(clone, 'npx-calls'), 'utf8').trim().split('\n') : []

/** One line, one sentence, no stack. */
function expectSentence(ended: ReturnType<typeof bootstrap>, words: RegExp): void {
  expect(ended.err).toMatch(words)
  expect(ended.err.trimEnd().split('\n')).toHaveLength(1)
  expect(ended.err).toMatch(/^bootstrap: .*\.\n$/)
  expect(ended.code).toBe(1)
}

test('a fresh clone installs with the pinned pnpm and the frozen lockfile, then runs the script', () => {
  const { code, out, err } = bootstrap({ args: ['scripts/hello.mjs', 'a', 'b'] })
  expect(err).toBe('')
  expect(code).toBe(0)
  expect(out).toContain('installing the dependencies with pnpm@1.2.3 (frozen lockfile)')
  expect(out).toContain(`hello a,b ${process.version}`)
  expect(calls()).toHaveLength(1)
  expect(calls()[0]).toMatch(/^-y pnpm@1\.2\.3 install --frozen-lockfile/)
})

test('a second run does not install', () => {
  bootstrap()
  expect(bootstrap()).toMatchObject({ code: 0, out: 'bootstrap: already installed\n' })
  expect(calls()).toHaveLength(1)
})

test('a changed lockfile installs again', () => {
  bootstrap()
  writeFileSync(join(clone, 'pnpm-lock.yaml'), 'two')
  bootstrap()
  expect(calls()).toHaveLength(2)
})

test('an interrupted install installs again', () => {
  npx('#!/bin/sh\nmkdir -p node_modules/.bin; kill -KILL $$')
  expectSentence(bootstrap(), /the install failed \(SIGKILL\)/)
  npx(WORKING_NPX)
  expect(bootstrap().code).toBe(0)
})

test('options of the outer npm that would change the install do not reach it', () => {
  bootstrap({
    env: { NODE_ENV: 'production', npm_config_ignore_scripts: 'true', npm_config_omit: 'dev', npm_config_cache: '/c' },
  })
  const environment = readFileSync(join(clone, 'npx-environment'), 'utf8')
  expect(environment).not.toMatch(/^(NODE_ENV|npm_config_ignore_scripts|npm_config_omit)=/m)
  expect(environment).toMatch(/^npm_config_cache=\/c$/m)
})

test('the exit code of the script is handed on', () => {
  expect(bootstrap({ args: ['scripts/exit.mjs'] }).code).toBe(7)
  expect(bootstrap({ args: ['scripts/killed.mjs'] }).code).toBe(128 + 9)
})

test('a script that does not exist is named', () => {
  expectSentence(bootstrap({ args: ['scripts/absent.ts'] }), /there is no scripts\/absent\.ts/)
})

test('a Node that is too old is told which one is needed', () => {
  const preload = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.1' } })`
  expectSentence(bootstrap({ preload }), /Node 18\.20\.1 is too old .*install Node 20 or newer/)
  expect(calls()).toHaveLength(0)
})

test('a missing npx is named', () => {
  rmSync(join(clone, 'path/npx'))
  expectSentence(bootstrap({ env: { PATH: join(clone, 'path') } }), /npx was not found/)
})

test('a file in place of node_modules is a folder that cannot be written', () => {
  writeFileSync(join(clone, 'node_modules'), '')
  expectSentence(bootstrap(), /node_modules cannot be written \(EEXIST\)/)
})

test('a missing lockfile is named', () => {
  rmSync(join(clone, 'pnpm-lock.yaml'))
  expectSentence(bootstrap(), /pnpm-lock\.yaml cannot be read \(ENOENT\)/)
})

test('a temporary folder that cannot be written is named', () => {
  expectSentence(
    bootstrap({ env: { TMPDIR: join(clone, 'absent') } }),
    /temporary folder .*absent cannot be written \(ENOENT\)/,
  )
})

test.for([
  ['npm error code ENOTFOUND', /registry cannot be reached/],
  ['npm error code ECONNREFUSED', /registry cannot be reached/],
  ['npm error code E403', /registry refused a download/],
  ['ERR_PNPM_FETCH_503', /registry refused a download/],
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN', /registry refused a download/],
  ['ENOSPC: no space left on device', /the disk is full/],
  ['EACCES: permission denied', /may not write/],
  ['ERR_PNPM_OUTDATED_LOCKFILE', /does not match the package\.json files; run "npx -y pnpm@1\.2\.3 install"/],
  ['something else', /the install failed \(exit 1\)/],
] as const)('an installer that says "%s" ends in one sentence that names the log', ([words, sentence]) => {
  npx(`#!/bin/sh\necho "${words}" >&2\nexit 1\n`)
  const ended = bootstrap()
  expectSentence(ended, sentence)
  const log = /\S+install\.log/.exec(ended.err)?.[0] ?? ''
  expect(readFileSync(log, 'utf8')).toContain(words)
})

test('an install that brings no Node is a failed install', () => {
  npx('#!/bin/sh\nexit 0\n')
  expectSentence(bootstrap(), /the install brought no Node that runs here \(ENOENT\)/)
})

test('a read-only clone is told before any download', context => {
  // Root writes through every mode bit, so root runs this as nobody.
  const who = asRoot ? { uid: NOBODY } : {}
  if (asRoot && !runsAsNobody()) context.skip('this Node cannot be run by another user')
  if (asRoot) chownSync(join(clone, 'tmp'), NOBODY, NOBODY)
  chmodSync(clone, 0o555)
  expectSentence(bootstrap(who), /node_modules cannot be written \(EACCES\); make the folder writable/)
  expect(calls()).toHaveLength(0)
})

function runsAsNobody(): boolean {
  const probe = spawnSync(process.execPath, ['-e', '0'], { uid: NOBODY, gid: NOBODY, cwd: dirname(clone) })
  return probe.status === 0
}
