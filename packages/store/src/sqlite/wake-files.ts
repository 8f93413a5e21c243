import { closeSync, watch, writeSync, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { makeFolderBeside, oddityOf, openBeside, openThere } from './side-file.ts'

const TOUCH = Buffer.from('.')

/**
 * `<db>.wake/`: one empty file a slot of the line, watched by whoever waits in that slot, touched by whoever lets it
 * come nearer. A touch can be lost and can come for nothing; sleepers have an alarm of their own.
 */
export class WakeFiles {
  readonly #databasePath: string
  readonly #folder: string
  readonly #touched: () => void
  #watcher: FSWatcher | undefined
  #slot: number | undefined

  /** `touched` runs when somebody wakes the slot that is watched. */
  constructor(databasePath: string, touched: () => void) {
    this.#databasePath = databasePath
    this.#folder = `${databasePath}.wake`
    this.#touched = touched
  }

  wake(slot: number): void {
    try {
      if (oddityOf(this.#databasePath, this.#folder, 'folder') !== null) return
      const file = openThere(this.#databasePath, this.#fileOf(slot), 'write')
      try {
        writeSync(file, TOUCH, 0, 1, 0)
      } finally {
        closeSync(file)
      }
    } catch {
      // Nobody watches there yet.
    }
  }

  /** Watches a slot from now on, and no other. The watch keeps no process alive. */
  listenAt(slot: number): void {
    if (this.#slot === slot) return
    this.close()
    this.#slot = slot
    try {
      if (!makeFolderBeside(this.#databasePath, this.#folder)) return
      closeSync(openBeside(this.#databasePath, this.#fileOf(slot)))
      this.#watcher = watch(this.#fileOf(slot), { persistent: false }, this.#touched)
      this.#watcher.on('error', () => this.close())
    } catch {
      // No watches to be had (too many, or none here): the alarm has to do.
    }
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    this.#slot = undefined
  }

  #fileOf(slot: number): string {
    return join(this.#folder, String(slot))
  }
}
