import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'

/** Largest file that is read as a script, a patch or a manifest. */
const TEXT_BYTES_MAX = 256 * 1024

/** Longest wait for one question to git. */
const GIT_TIMEOUT_MS = 2000

/** Largest answer of git. */
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024

/** What a command line means depends on what is there: globs, folders, scripts, what git would change. Looks only. */
export interface Look {
  /** What a path leads to, links followed. */
  kind(path: string): 'file' | 'folder' | 'none'
  /** The names in a folder; `null`: they cannot be read. */
  names(folder: string): readonly string[] | null
  /** The text of a small file; `null`: there is none, or it cannot be read. */
  text(file: string): string | null
  /** What git answers to a question that changes nothing; `null`: it does not say. */
  git(folder: string, question: readonly string[]): string | null
}

function isOfKernel(file: string): boolean {
  const path = realpathSync(file)
  return path.startsWith('/proc/') || path.startsWith('/sys/')
}

/** Looks at the file system, and asks git by a process. */
export const systemLook: Look = {
  kind(path) {
    try {
      return statSync(path).isDirectory() ? 'folder' : 'file'
    } catch {
      return 'none'
    }
  },
  names(folder) {
    try {
      return readdirSync(folder)
    } catch {
      return null
    }
  },
  text(file) {
    try {
      const found = statSync(file)
      // Reading a pipe, a device or what the kernel shows as a file may never end.
      if (!found.isFile() || found.size > TEXT_BYTES_MAX || isOfKernel(file)) return null
      return readFileSync(file, 'utf8')
    } catch {
      return null
    }
  },
  git(folder, question) {
    try {
      return execFileSync('git', ['-c', 'core.quotePath=false', ...question], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: GIT_TIMEOUT_MS,
        maxBuffer: OUTPUT_BYTES_MAX,
      })
    } catch {
      return null
    }
  },
}
