import { randomUUID } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { readSmallFile } from '@holdfast/store/internal'
import * as z from 'zod'
import { digest } from './cause.ts'
import { CauseMemory } from './causes.ts'
import { Notice } from './notice.ts'

const BYTES_MAX = 16 * 1024 * 1024

/** What a server has to know of the one before it. */
export const Kept = z.object({
  version: z.literal(1),
  ledgerId: z.string(),
  /** The newest entry that was looked at. Both have to be in the log still: a restored ledger is another history. */
  after: z.int(),
  eventId: z.string().nullable(),
  memory: CauseMemory,
  /** By rule: what was not told yet. */
  waiting: z.record(z.string(), z.object({ notices: z.array(Notice).readonly(), dropped: z.int().nonnegative() })),
})
export type Kept = z.infer<typeof Kept>

/**
 * The file in which a server leaves to the next one what it has told. It may be lost. Writing never keeps anybody waiting,
 * and two writes at once are one: the later state.
 */
export class NoticeFile {
  readonly #path: string
  #writing: Promise<void> | null = null
  #again: (() => Kept) | null = null

  /** `folder`: that of the server. */
  constructor(folder: string, ledger: string) {
    this.#path = join(folder, `notices-${digest(ledger).slice(0, 12)}.json`)
  }

  /** `null`: there is none, or none that can be read. What a killed server was writing is removed. */
  read(): Kept | null {
    try {
      for (const name of readdirSync(dirname(this.#path))) {
        if (name.startsWith(`${basename(this.#path)}.`)) rmSync(join(dirname(this.#path), name), { force: true })
      }
      const parsed = Kept.safeParse(JSON.parse(readSmallFile(this.#path, BYTES_MAX)))
      return parsed.success ? parsed.data : null
    } catch {
      return null
    }
  }

  /** Resolves when a state is durable that is no older than now. Rejects where it cannot be written. */
  async write(state: () => Kept): Promise<void> {
    if (this.#writing === null) {
      this.#writing = this.#put(JSON.stringify(state())).finally(() => {
        this.#writing = null
      })
      return this.#writing
    }
    // The write under way may have an older state: whoever comes meanwhile is served by one more.
    this.#again = state
    await this.#writing.catch(() => undefined)
    if (this.#again !== null) {
      const next = this.#again
      this.#again = null
      return this.write(next)
    }
    return this.#writing ?? undefined
  }

  async #put(text: string): Promise<void> {
    const draft = `${this.#path}.${randomUUID()}.new`
    try {
      const file = await open(draft, 'wx', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(draft, this.#path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }
}
