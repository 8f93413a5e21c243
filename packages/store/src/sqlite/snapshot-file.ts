import { hash, randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { LedgerId, Revision } from '@holdfast/core'
import type { Snapshot, SnapshotKey } from '../port.ts'

/** A larger state is not cached; folding it again is then the smaller harm. */
export const SNAPSHOT_BYTES_MAX = 64 * 1024 * 1024

const FORMAT = 1

const Header = z.strictObject({
  format: z.literal(FORMAT),
  ledgerId: LedgerId,
  codeVersion: z.string(),
  throughRevision: Revision,
  /** Hash of the event at that revision: a snapshot of another history is not believed. */
  eventHash: z.string(),
  stateHash: z.string(),
})
type Header = z.infer<typeof Header>

/** Gives the stored hash of the event at exactly this revision, or undefined. */
export type HashAt = (stream: string, revision: number) => Promise<string | undefined>

/**
 * `<db>.snap/`: one file for each stream, a line of JSON that says what it is and the state after it. A cache: anything
 * that is damaged, foreign, newer than the log or of other code counts as absent, and failing to write is no failure.
 */
export class SnapshotFile {
  readonly #folder: string
  readonly #hashAt: HashAt

  constructor(databasePath: string, hashAt: HashAt) {
    this.#folder = `${databasePath}.snap`
    this.#hashAt = hashAt
  }

  async load(stream: string, key: SnapshotKey): Promise<Snapshot | null> {
    const text = await readBounded(this.#path(stream))
    const lineEnd = text?.indexOf('\n') ?? -1
    if (text === null || lineEnd < 0) return null
    const header = parseHeader(text.slice(0, lineEnd))
    if (header === null || header.ledgerId !== key.ledgerId || header.codeVersion !== key.codeVersion) return null
    const state = text.slice(lineEnd + 1)
    if (stateHashOf(header, state) !== header.stateHash) return null
    if ((await this.#hashAt(stream, header.throughRevision)) !== header.eventHash) return null
    const { ledgerId, codeVersion, throughRevision } = header
    return { ledgerId, codeVersion, throughRevision, state: JSON.parse(state) }
  }

  async save(stream: string, { ledgerId, codeVersion, throughRevision, state }: Snapshot): Promise<void> {
    const eventHash = await this.#hashAt(stream, throughRevision)
    if (eventHash === undefined) return
    const text = JSON.stringify(state)
    if (Buffer.byteLength(text) > SNAPSHOT_BYTES_MAX) return
    const unsealed: Header = { format: FORMAT, ledgerId, codeVersion, throughRevision, eventHash, stateHash: '' }
    const header: Header = { ...unsealed, stateHash: stateHashOf(unsealed, text) }
    await this.#replace(stream, `${JSON.stringify(header)}\n${text}`)
  }

  async #replace(stream: string, content: string): Promise<void> {
    const draft = join(this.#folder, `${randomUUID()}.new`)
    try {
      await mkdir(this.#folder, { recursive: true })
      await writeFile(draft, content)
      await rename(draft, this.#path(stream))
    } catch {
      await rm(draft, { force: true }).catch(() => undefined) // No room for a cache is no reason to fail.
    }
  }

  #path(stream: string): string {
    return join(this.#folder, `${hash('sha256', stream).slice(0, 32)}.json`)
  }
}

function stateHashOf(header: Header, state: string): string {
  return hash('sha256', `${JSON.stringify({ ...header, stateHash: '' })}\n${state}`)
}

function parseHeader(line: string): Header | null {
  try {
    const parsed = Header.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

async function readBounded(path: string): Promise<string | null> {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    return size > SNAPSHOT_BYTES_MAX + 4096 ? null : await readFile(file, 'utf8')
  } catch {
    return null
  }
}
