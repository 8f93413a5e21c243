import { closeSync, watch, writeSync, type FSWatcher } from 'node:fs'
import type { ChangeSignal } from '../change-signal.ts'
import { openBeside } from './side-file.ts'

/** How often watchers look for themselves: a committer can die between its commit and the touch. */
const POLL_MS = 1000

/** The same where the system gives no watches (too many, or a file system without them). */
const POLL_WITHOUT_WATCH_MS = 40

const TOUCH = Buffer.from('.')

/**
 * `<db>.notify`: touched after COMMIT has returned, watched by everyone who follows. (A watch on the log file fires
 * before the commit can be seen.) The watch and its timer live only while somebody follows.
 */
export class ChangeNotice {
  readonly #databasePath: string
  readonly #path: string
  readonly #changes: ChangeSignal
  readonly #dataVersion: () => number
  #file: number | undefined
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #followers = 0
  #seenVersion = -1

  constructor(databasePath: string, changes: ChangeSignal, dataVersion: () => number) {
    this.#databasePath = databasePath
    this.#path = `${databasePath}.notify`
    this.#changes = changes
    this.#dataVersion = dataVersion
  }

  /** Tells this process and the others. Failing costs the others up to a second, never the commit. */
  touch(): void {
    this.#changes.raise()
    try {
      this.#file ??= this.#open()
      writeSync(this.#file, TOUCH, 0, 1, 0)
    } catch {
      this.#closeFile()
    }
  }

  /** Watches until the returned function is called. */
  follow(): () => void {
    this.#followers += 1
    if (this.#followers === 1) this.#start()
    let released = false
    return () => {
      if (released) return
      released = true
      this.#followers -= 1
      if (this.#followers === 0) this.#stop()
    }
  }

  close(): void {
    this.#stop()
    this.#closeFile()
  }

  #start(): void {
    this.#seenVersion = -1
    try {
      this.#makeFile()
      this.#watcher = watch(this.#path, event => {
        this.#look()
        if (event === 'rename') this.#rewatch()
      })
      this.#watcher.on('error', () => this.#fallBack())
    } catch {
      this.#watcher = undefined
    }
    this.#poll(this.#watcher === undefined ? POLL_WITHOUT_WATCH_MS : POLL_MS)
  }

  #stop(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** Somebody removed or replaced the file: the watch is on nothing now. */
  #rewatch(): void {
    this.#closeFile()
    this.#stop()
    this.#start()
  }

  #fallBack(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    this.#poll(POLL_WITHOUT_WATCH_MS)
  }

  #poll(everyMs: number): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#look(), everyMs)
  }

  #look(): void {
    let version: number
    try {
      version = this.#dataVersion()
    } catch {
      version = -1 // Followers read next and meet the same failure, with its name.
    }
    if (version === this.#seenVersion && version !== -1) return
    this.#seenVersion = version
    this.#changes.raise()
  }

  #open(): number {
    return openBeside(this.#databasePath, this.#path)
  }

  /** Who may only read watches a file that is there. */
  #makeFile(): void {
    try {
      this.#file ??= this.#open()
    } catch {
      this.#file = undefined
    }
  }

  #closeFile(): void {
    if (this.#file === undefined) return
    closeSync(this.#file)
    this.#file = undefined
  }
}
