import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const FILES: Readonly<Record<string, string>> = {
  'README.md': 'read me\n',
  '.gitignore': '*.log\nholdfast.config.json\n',
  'src/api/x.ts': 'x\n',
  'src/api/y.ts': 'y\n',
  'src/web/w.ts': 'w\n',
  'mine/m.ts': 'm\n',
  'mine/name': 'src/api/x.ts',
  'mine/script.sh': 'echo hi > src/api/x.ts\n',
  'mine/harmless.sh': 'cat src/api/x.ts > mine/out\n',
  'package.json': JSON.stringify({
    name: 'p',
    version: '1.0.0',
    scripts: {
      overwrite: 'echo hi > src/api/x.ts',
      build: 'rm -rf dist && mkdir -p dist && echo x > dist/x',
      lint: 'eslint',
      test: 'vitest',
    },
  }),
  Makefile: 'overwrite:\n\techo hi > src/api/x.ts\n',
  'mine/p.diff': '--- a/mine/m.ts\n+++ b/mine/m.ts\n@@ -1 +1 @@\n-m\n+n\n',
}

/** A repository in which every way of `shell-ways.ts` has something to change. Copied for each try. */
export class ShellRepository implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-shell-')))
  readonly root = join(this.folder, 'origin')
  #copies = 0

  constructor() {
    for (const [path, text] of Object.entries(FILES)) write(join(this.root, path), text)
    const git = (...args: readonly string[]): string =>
      execFileSync('git', args, { cwd: this.root, encoding: 'utf8', env: shellEnvironment() })
    git('init', '-q', '--template=', '-b', 'main')
    git('config', 'user.email', 'test@example.com')
    git('config', 'user.name', 'test')
    git('add', '-A')
    git('commit', '-qm', 'begin')
    git('checkout', '-qb', 'other')
    write(join(this.root, 'src/api/x.ts'), 'other\n')
    git('commit', '-qam', 'other')
    execFileSync('tar', ['-cf', 'mine/a.tar', 'src/api/x.ts'], { cwd: this.root })
    git('checkout', '-q', 'main')
    // Few files, for it is copied often.
    git('repack', '-adq')
    // What a stash, a reset and a clean would take away; in a way that lets the others go through.
    write(join(this.root, 'src/api/y.ts'), 'changed\n')
    write(join(this.root, 'src/api/untracked.ts'), 'new\n')
    write(join(this.root, 'src/api/ignored.log'), 'log\n')
  }

  copy(): string {
    this.#copies += 1
    const to = join(this.folder, `copy-${this.#copies}`)
    cpSync(this.root, to, { recursive: true })
    return to
  }

  /** The same files in a folder that git knows nothing of. */
  withoutGit(): string {
    const to = join(this.folder, 'without-git')
    const own = join(this.root, '.git')
    if (!existsSync(to)) cpSync(this.root, to, { recursive: true, filter: from => from !== own })
    return to
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Nothing of the surroundings leaks in. */
export function shellEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(HOLDFAST|GIT|npm)_/i.test(name))
  return { ...Object.fromEntries(own), GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', NO_COLOR: '1' }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
