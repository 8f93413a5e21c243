import { hash, randomUUID } from 'node:crypto'
import { closeSync, fstatSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Snapshot, SnapshotKey } from '../port.ts'
import { SnapshotHeader } from './file-shapes.ts'
import { createBeside, makeFolderBeside, oddityOf, openThere } from './side-file.ts'

/** A larger state is not cached; folding it again is then the smaller harm. */
export const SNAPSHOT_BYTES_MAX = 64 * 1024 * 1024

/** The first line takes less. */
const HEADER_BYTES_MAX = 4096

/** Gives the stored hash of the event at exactly this revision, or undefined. */
export type HashAt = (stream: string, revision: number) => Promise<string | undefined>

/**
 * `<db>.snap/`: one file for each stream, a line of JSON that says what it is and the state after it. A cache: anything
 * that is damaged, foreign, newer than the log or of other code counts as absent, and failing to write is no failure.
 */
export class SnapshotFile {
  readonly #databasePath: string
  readonly #folder: string
  readonly #hashAt: HashAt

  constructor(databasePath: string, hashAt: HashAt) {
    this.#databasePath = databasePath
    this.#folder = `${databasePath}.snap`
    this.#hashAt = hashAt
  }

  async load(stream: string, key: SnapshotKey): Promise<Snapshot | null> {
    const read = this.#read(stream)
    if (read === null) return null
    const { header, state } = read
    if (header.ledgerId !== key.ledgerId || header.codeVersion !== key.codeVersion) return null
    if ((await this.#hashAt(stream, header.throughRevision)) !== header.eventHash) return null
    const { ledgerId, codeVersion, throughRevision } = header
    return { ledgerId, codeVersion, throughRevision, state: JSON.parse(state) }
  }

  async save(stream: string, { ledgerId, codeVersion, throughRevision, state }: Snapshot): Promise<void> {
    const eventHash = await this.#hashAt(stream, throughRevision)
    if (eventHash === undefined) return
    const text = JSON.stringify(state)
    if (Buffer.byteLength(text) > SNAPSHOT_BYTES_MAX) return
    const unsealed: SnapshotHeader = { format: 1, ledgerId, codeVersion, throughRevision, eventHash, stateHash: '' }
    const header: SnapshotHeader = { ...unsealed, stateHash: stateHashOf(unsealed, text) }
    this.#replace(stream, `${JSON.stringify(header)}\n${text}`)
  }

  /**
   * Whether a snapshot was taken, by whatever code, of a history that went beyond `head` (-1: empty): how far it went, and
   * the file that says so; `null`: no.
   */
  seenBeyond(head: number, stream: string): { readonly throughRevision: number; readonly path: string } | null {
    const path = this.#path(stream)
    const line = readStart(this.#databasePath, path)?.split('\n', 1)[0]
    const said = line === undefined ? null : parseHeader(line)
    if (said === null || said.throughRevision <= head) return null
    const whole = this.#read(stream)?.header
    return whole?.throughRevision === said.throughRevision ? { throughRevision: said.throughRevision, path } : null
  }

  /** What the file holds, if it is whole. */
  #read(stream: string): { readonly header: SnapshotHeader; readonly state: string } | null {
    const text = readBounded(this.#databasePath, this.#path(stream))
    const lineEnd = text?.indexOf('\n') ?? -1
    if (text === null || lineEnd < 0) return null
    const header = parseHeader(text.slice(0, lineEnd))
    const state = text.slice(lineEnd + 1)
    return header === null || stateHashOf(header, state) !== header.stateHash ? null : { header, state }
  }

  #replace(stream: string, content: string): void {
    const draft = join(this.#folder, `${randomUUID()}.new`)
    try {
      if (!makeFolderBeside(this.#databasePath, this.#folder)) return
      const file = createBeside(this.#databasePath, draft)
      try {
        writeFileSync(file, content)
      } finally {
        closeSync(file)
      }
      renameSync(draft, this.#path(stream))
    } catch {
      discard(draft) // No room for a cache is no reason to fail.
    }
  }

  #path(stream: string): string {
    return join(this.#folder, `${hash('sha256', stream).slice(0, 32)}.json`)
  }
}

function stateHashOf(header: SnapshotHeader, state: string): string {
  return hash('sha256', `${JSON.stringify({ ...header, stateHash: '' })}\n${state}`)
}

function parseHeader(line: string): SnapshotHeader | null {
  try {
    const parsed = SnapshotHeader.safeParse(JSON.parse(line))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

function readBounded(databasePath: string, path: string): string | null {
  return readFile(databasePath, path, file => {
    return fstatSync(file).size > SNAPSHOT_BYTES_MAX + HEADER_BYTES_MAX ? null : readFileSync(file, 'utf8')
  })
}

function readStart(databasePath: string, path: string): string | null {
  return readFile(databasePath, path, file => {
    const start = Buffer.alloc(HEADER_BYTES_MAX)
    return start.toString('utf8', 0, readSync(file, start))
  })
}

function readFile(databasePath: string, path: string, read: (file: number) => string | null): string | null {
  let file: number
  try {
    if (oddityOf(databasePath, dirname(path), 'folder') !== null) return null
    file = openThere(databasePath, path, 'read')
  } catch {
    return null
  }
  try {
    return read(file)
  } catch {
    return null
  } finally {
    closeSync(file)
  }
}

function discard(draft: string): void {
  try {
    rmSync(draft, { force: true })
  } catch {
    // It stays behind; the next write takes another name.
  }
}
