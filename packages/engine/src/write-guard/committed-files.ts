import { askGit, GIT_TIMEOUT_MS } from './ask-git.ts'
import { HookInputError } from './hook-input-error.ts'

/** Commits that one question looks at. */
const COMMITS_MAX = 200_000

/** Files that they may have changed. */
const FILES_MAX = 1_000_000

/** A commit is dated to the second: it was made in that second at the latest. */
const SECOND_MS = 1000

/** A file that commits have changed, and the newest of them. */
export interface CommittedFile {
  readonly commit: string
  /** Until when it was made, by the clocks that dated it and the commits before it. */
  readonly madeByMs: number
}

/** By its name in the tree. */
export type CommittedFiles = ReadonlyMap<string, CommittedFile>

interface Question {
  readonly folder: string
  /** Object ids. What is not here is passed over. */
  readonly wanted: readonly string[]
  readonly unwanted: readonly string[]
  /** Called with the number of commits that were read so far. */
  readonly onCommits?: (count: number) => void
}

/**
 * Of a merge, what it has changed beyond what git would have merged by itself: a side that it drops (`-s ours`), what its
 * conflicts were resolved to, and what somebody has put into it.
 */
const AS_MERGED = '--remerge-diff'
/** The same for a git before 2.35: what differs from any of its parents, which is more. */
const AS_BEFORE = '-m'

const LOG = [
  '--no-replace-objects',
  'log',
  '--stdin',
  '--ignore-missing',
  // In no other order: with --reverse git 2.39 compares a merge with its first parent alone.
  '--topo-order',
  '--root',
  '--raw',
  '-z',
  '--no-abbrev',
  // Both sides of a rename are judged; settings that hide paths or add text are off.
  '--no-renames',
  '--no-relative',
  '--ignore-submodules=none',
  '--no-ext-diff',
  '--no-textconv',
  '--no-notes',
  '--no-color',
  '--no-decorate',
  '--no-show-signature',
  '--no-mailmap',
  '--format=%H',
]

/**
 * The files that the wanted commits have changed and those before them, the unwanted and all before these left out. A
 * commit counts as made no earlier than the commits before it, whatever its own date says.
 *
 * @throws HookInputError when git cannot tell, or it would be too much.
 */
export async function committedFiles(question: Question): Promise<CommittedFiles> {
  if (question.wanted.length === 0) return new Map()
  const made = await madeByMs(question)
  const told = await filesOf(question, made, AS_MERGED)
  return told === 'unknown-option' ? demandTold(await filesOf(question, made, AS_BEFORE)) : told
}

/** Until when each commit was made, the oldest first, so that those before it are known. */
async function madeByMs({ folder, wanted, unwanted }: Question): Promise<ReadonlyMap<string, number>> {
  const question = ['--no-replace-objects', 'rev-list', '--stdin', '--ignore-missing', '--topo-order', '--reverse']
  const input = linesOf(wanted, unwanted)
  const told = await askGit(folder, [...question, '--timestamp', '--parents'], {
    what: 'when the commits were made',
    input,
  })
  const made = new Map<string, number>()
  for (const line of told.split('\n')) {
    if (line === '') continue
    const [seconds = '', commit = '', ...parents] = line.split(' ')
    const ownMs = Number(seconds) * SECOND_MS + SECOND_MS - 1
    made.set(commit, Math.max(ownMs, ...parents.map(parent => made.get(parent) ?? ownMs)))
    if (made.size > COMMITS_MAX)
      throw new HookInputError(`there are more than ${COMMITS_MAX} commits, too many to be looked at`)
  }
  return made
}

function linesOf(wanted: readonly string[], unwanted: readonly string[]): string {
  return [...wanted, ...unwanted.map(id => `^${id}`), ''].join('\n')
}

function demandTold(told: CommittedFiles | 'unknown-option'): CommittedFiles {
  if (told !== 'unknown-option') return told
  throw new HookInputError('git did not list the files of the commits: it knows no way to tell those of a merge')
}

async function filesOf(
  { folder, wanted, unwanted, onCommits }: Question,
  made: ReadonlyMap<string, number>,
  merges: string,
): Promise<CommittedFiles | 'unknown-option'> {
  const { spawn } = await import('node:child_process')
  const child = spawn('git', [...LOG, merges], { cwd: folder, stdio: 'pipe', timeout: GIT_TIMEOUT_MS })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said = `${said}${piece}`.slice(0, 2000)))
  child.stdin.on('error', () => undefined)
  child.stdin.end(linesOf(wanted, unwanted))
  const ended = new Promise<string | null>(resolve => {
    child.once('error', error => resolve(error.message))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(null)
      else
        resolve(signal === null ? (said.trim().split('\n')[0] ?? '') : `it took longer than ${GIT_TIMEOUT_MS / 1000} s`)
    })
  })
  const reader = new LogReader(made, onCommits)
  const decoder = new TextDecoder()
  try {
    for await (const piece of child.stdout as AsyncIterable<Buffer>)
      reader.read(decoder.decode(piece, { stream: true }))
  } catch (error) {
    child.kill()
    throw error
  }
  const fault = await ended
  if (fault === null) return reader.files
  if (fault.includes(merges)) return 'unknown-option'
  throw new HookInputError(`git did not list the files of the commits: ${fault}`)
}

/** Reads the log piece by piece: commits with their files, each word ended by a NUL. A file follows a word that begins with `:`. */
class LogReader {
  readonly files = new Map<string, CommittedFile>()
  readonly #made: ReadonlyMap<string, number>
  readonly #onCommits: (count: number) => void
  #count = 0
  #rest = ''
  #commit: CommittedFile | null = null
  #isFileNext = false

  constructor(made: ReadonlyMap<string, number>, onCommits: Question['onCommits'] = () => undefined) {
    this.#made = made
    this.#onCommits = onCommits
  }

  read(piece: string): void {
    const words = `${this.#rest}${piece}`.split('\0')
    this.#rest = words.pop() ?? ''
    for (const word of words) this.#word(word)
    this.#onCommits(this.#count)
  }

  #word(word: string): void {
    if (this.#isFileNext) {
      this.#isFileNext = false
      this.#file(word)
      return
    }
    const text = word.startsWith('\n') ? word.slice(1) : word
    if (text === '') return
    if (text.startsWith(':')) this.#isFileNext = true
    else this.#header(text)
  }

  #header(commit: string): void {
    const madeByMs = this.#made.get(commit)
    if (madeByMs === undefined) {
      throw new HookInputError(
        `git did not list the files of the commits: ${JSON.stringify(commit.slice(0, 80))} is none of them`,
      )
    }
    this.#count += 1
    this.#commit = { commit, madeByMs }
  }

  #file(path: string): void {
    const commit = this.#commit
    if (commit === null) throw new HookInputError('git did not list the files of the commits: it told a file of none')
    const known = this.files.get(path)
    if (known === undefined || known.madeByMs < commit.madeByMs) this.files.set(path, commit)
    if (this.files.size > FILES_MAX)
      throw new HookInputError(`there are more than ${FILES_MAX} files, too many to be judged`)
  }
}
