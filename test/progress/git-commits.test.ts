import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gitCommits, type GitCommitsOptions, type ProgressReading } from '@holdfast/engine'
import { afterEach, expect, test, vi } from 'vitest'
import { Repository } from './repository.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const since = (sinceMs: number) => ({ region: ['**'], runId: null, sinceMs })
const commits = (options: GitCommitsOptions, sinceMs = 0): Promise<ProgressReading> =>
  gitCommits(options).read(since(sinceMs))

test('commits since the base count, the base itself does not', async () => {
  using repository = new Repository()
  const directory = repository.folder
  const base = repository.commit('one')
  expect(await commits({ directory, base })).toEqual({ outcome: 'counted', count: 0 })
  repository.commit('two')
  repository.git('switch', '--quiet', '-c', 'work')
  repository.commit('three')
  expect(await commits({ directory, base })).toEqual({ outcome: 'counted', count: 2 })
  expect(await commits({ directory, base: 'main' })).toEqual({ outcome: 'counted', count: 1 })
  expect(await commits({ directory })).toEqual({ outcome: 'counted', count: 3 })
})

test('commits before the asked second do not count', async () => {
  using repository = new Repository()
  const directory = repository.folder
  repository.commit('one')
  const committedMs = Number(repository.git('log', '-1', '--format=%ct')) * 1000
  expect(await commits({ directory }, committedMs + 999)).toEqual({ outcome: 'counted', count: 1 })
  expect(await commits({ directory }, committedMs + 1000)).toEqual({ outcome: 'counted', count: 0 })
})

test('a repository without a commit has none', async () => {
  using repository = new Repository()
  expect(await commits({ directory: repository.folder })).toEqual({ outcome: 'counted', count: 0 })
})

test('inside a git hook the question still goes to the folder that was named', async () => {
  using repository = new Repository()
  using other = new Repository()
  repository.commit('one')
  vi.stubEnv('GIT_DIR', join(other.folder, '.git'))
  vi.stubEnv('GIT_INDEX_FILE', join(other.folder, '.git', 'index'))
  expect(await commits({ directory: repository.folder })).toEqual({ outcome: 'counted', count: 1 })
})

test.each(['0123456789012345678901234567890123456789', 'nowhere', '--output=stolen'])(
  'a base of %s is unknown, and is no option',
  async base => {
    using repository = new Repository()
    repository.commit('one')
    const reading = await commits({ directory: repository.folder, base })
    expect(reading).toMatchObject({ outcome: 'unknown', reason: 'unknown-base' })
    expect(repository.git('status', '--porcelain')).toBe('')
  },
)

test('no git, no repository, no folder and a git that hangs are unknown, each with its reason', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-nogit-'))
  try {
    const hanging = join(directory, 'git')
    writeFileSync(hanging, '#!/bin/sh\nexec sleep 60\n')
    chmodSync(hanging, 0o755)
    const silent = join(directory, 'broken')
    writeFileSync(silent, '#!/bin/sh\nexit 3\n')
    chmodSync(silent, 0o755)
    vi.stubEnv('GIT_CEILING_DIRECTORIES', tmpdir())
    const reasons = await Promise.all([
      commits({ directory, command: join(directory, 'none') }),
      commits({ directory }),
      commits({ directory: join(directory, 'none') }),
      commits({ directory, command: hanging, timeoutMs: 50 }),
      commits({ directory, command: silent }),
      gitCommits({ directory, command: hanging }).read({ ...since(0), signal: AbortSignal.abort() }),
    ])
    expect(reasons.map(reading => (reading.outcome === 'unknown' ? reading.reason : reading))).toEqual([
      'no-git',
      'no-repository',
      'no-repository',
      'timed-out',
      'git-failed',
      'aborted',
    ])
    expect(reasons.every(reading => reading.outcome === 'unknown' && reading.detail !== '')).toBe(true)
  } finally {
    rmSync(directory, { recursive: true })
  }
})
