import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const folders: string[] = []
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A repository that the tests of a file begin with. It is made once and copied: each process of git takes its time. */
export class RepositoryTemplate {
  readonly #make: (root: string) => void
  #made: string | null = null

  constructor(make: (root: string) => void) {
    this.#make = make
  }

  /** Fills an empty folder with it. */
  copyTo(root: string): void {
    this.#made ??= this.#begin()
    cpSync(this.#made, root, { recursive: true })
    const config = join(root, '.git', 'config')
    writeFileSync(config, readFileSync(config, 'utf8').replaceAll(this.#made, root))
    // The index knows each file by its inode and time, which are those of the template.
    gitIn(root, ['update-index', '-q', '--refresh'])
  }

  #begin(): string {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-template-')))
    folders.push(folder)
    this.#make(folder)
    return folder
  }
}

/** A repository with one commit, in which git does no housekeeping: that is a process more for each commit. */
export const BEGUN = new RepositoryTemplate(root => {
  gitIn(root, ['init', '-q', '-b', 'main'])
  const settings = [
    '[user]',
    'email = test@example.com',
    'name = test',
    '[gc]',
    'auto = 0',
    '[maintenance]',
    'auto = no',
  ]
  const config = join(root, '.git', 'config')
  writeFileSync(config, `${readFileSync(config, 'utf8')}${settings.join('\n')}\n`)
  writeFileSync(join(root, '.gitignore'), '.holdfast/\n')
  gitIn(root, ['add', '.'])
  gitIn(root, ['commit', '-q', '-m', 'begin'])
})

export function gitIn(root: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', env: cleanEnvironment(env) })
}

/** Nothing of the surroundings leaks in: neither a lease of the runner nor a git hook's repository. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(HOLDFAST|GIT)_/.test(name))
  return { ...Object.fromEntries(own), GIT_CONFIG_GLOBAL: '/dev/null', NO_COLOR: '1', ...more }
}
