import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A git repository in a folder of its own, untouched by the configuration of whoever runs the tests. */
export class Repository implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-git-'))

  constructor() {
    this.git('init', '--quiet', '--initial-branch=main')
  }

  git(...args: string[]): string {
    const env = {
      PATH: process.env['PATH'],
      HOME: this.folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'a',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_COMMITTER_NAME: 'a',
      GIT_COMMITTER_EMAIL: 'a@example.org',
    }
    return execFileSync('git', args, {
      cwd: this.folder,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  }

  /** Its id. */
  commit(name: string): string {
    writeFileSync(join(this.folder, name), name)
    this.git('add', name)
    this.git('commit', '--quiet', '-m', name)
    return this.git('rev-parse', 'HEAD')
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
