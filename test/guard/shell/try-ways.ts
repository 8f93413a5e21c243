import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { existsSync } from 'node:fs'
import { MORE_SHELL_WAYS } from './more-shell-ways.ts'
import { shellEnvironment, type ShellRepository } from './shell-repository.ts'
import { SHELL_WAYS, type ShellWay } from './shell-ways.ts'

/** A way, and a repository of its own in which it is tried. */
export interface Try {
  readonly way: ShellWay
  readonly root: string
}

/** Shells that share the ways, so that one test stays far below its time limit. */
const PARTS = 6

/** Every way that can be tried here. */
const RUNNABLE = [...SHELL_WAYS, ...MORE_SHELL_WAYS].filter(({ needs }) => isThere(needs))

/** All of them, in parts that take about as long: neighbours call the same programs. */
export const WAYS_IN_PARTS = Array.from({ length: PARTS }, (_, part) => ({
  part,
  ways: RUNNABLE.filter((_way, place) => place % PARTS === part),
}))

const COPY_ALL = 'while [ $# -gt 0 ]; do cp -a "$1" "$2"; shift 2; done'

/** The script of a shell that tries one way after another, each in a subshell. Its arguments: `wordsOf` the tries. */
export const TRY_ALL = 'while [ $# -gt 0 ]; do (cd "$1" && eval "$2") < /dev/null > /dev/null 2>&1; shift 2; done; true'

export function wordsOf(tries: readonly Try[]): readonly string[] {
  return tries.flatMap(({ root, way }) => [root, way.command])
}

/** Makes a fresh repository for each way. Only those that call git have one of git: its files are most of them. */
export function triesOf(repository: ShellRepository, ways: readonly ShellWay[], folder: string): readonly Try[] {
  const tries = ways.map((way, place) => ({ way, root: join(folder, `try-${place}`) }))
  const pairs = tries.flatMap(({ way, root }) => [
    way.command.includes('git') ? repository.root : repository.withoutGit(),
    root,
  ])
  spawnSync('bash', ['-c', COPY_ALL, 'copy-all', ...pairs], { env: shellEnvironment() })
  return tries
}

function isThere(program: string | undefined): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return program === undefined || folders.some(folder => existsSync(join(folder, program)))
}
