import { hash } from 'node:crypto'
import { closeSync, readSync, writeSync } from 'node:fs'
import { openBeside, openThere } from './side-file.ts'

/** What the witness remembers of a commit. */
export interface Witnessed {
  /** Number of the write transaction in this file. */
  readonly seq: number
  readonly streamId: number
  readonly position: number
  /** Hash of the stream's last event after it, in hex. */
  readonly hash: string
}

/** Commits that the file remembers: a late writer can then only overwrite a commit that is this much older. */
const SLOTS = 64
const SLOT_BYTES = 64
const FILE_BYTES = SLOTS * SLOT_BYTES
const HASH_AT = 24
const CHECK_AT = 56
const CHECK_BYTES = 8

/**
 * `<db>.head`: how far the database had come, written after each commit and never synced (a power cut may lose it; the
 * database is synced before it, so it is never ahead). SQLite drops the end of a damaged log without a word; a database
 * behind its witness gives that away.
 *
 * A ring of slots by transaction number, so that many processes may write it in any order and it never goes backwards.
 * Each slot carries a check over itself and the store's id: what is torn or belongs to another store counts as absent.
 */
export class Witness {
  readonly #databasePath: string
  readonly #storeId: string
  readonly #ring = Buffer.alloc(FILE_BYTES)
  readonly #slot = Buffer.alloc(SLOT_BYTES)
  /** A slot whose check was found right, or that was written here. */
  readonly #known = Buffer.alloc(SLOT_BYTES)
  #knownSlot: Witnessed | undefined
  #file: number | undefined

  constructor(databasePath: string, storeId: string) {
    this.#databasePath = databasePath
    this.#storeId = storeId
  }

  /** The newest commit that is remembered. */
  newest(): Witnessed | undefined {
    const file = this.#open()
    if (file === undefined) return undefined
    let length = 0
    try {
      length = readSync(file, this.#ring, 0, FILE_BYTES, 0)
    } catch {
      return undefined // As good as missing: a weaker check, not a broken store.
    }
    let below = Infinity
    for (;;) {
      const at = newestSlot(this.#ring.subarray(0, length), below)
      if (at === undefined) return undefined
      const slot = this.#ring.subarray(at, at + SLOT_BYTES)
      const witnessed = this.#decode(slot)
      if (witnessed !== undefined) return witnessed
      below = slot.readDoubleBE(0)
    }
  }

  /**
   * Remembers a commit; false when another one is remembered under its number, which two processes can only have made that
   * do not see each other. Failing to write is not worth failing the commit, which is durable: the check is weaker until
   * the next.
   */
  remember(witnessed: Witnessed): boolean {
    const file = this.#open()
    if (file === undefined) return true
    try {
      if (this.#isAnother(file, witnessed)) return false
      const slot = encodeSlot(witnessed, this.#storeId)
      writeSync(file, slot, 0, SLOT_BYTES, (witnessed.seq % SLOTS) * SLOT_BYTES)
      this.#know(slot, witnessed)
    } catch {
      this.close()
    }
    return true
  }

  #isAnother(file: number, { seq, hash: head }: Witnessed): boolean {
    const slot = this.#slot
    if (readSync(file, slot, 0, SLOT_BYTES, (seq % SLOTS) * SLOT_BYTES) < SLOT_BYTES) return false
    if (slot.readDoubleBE(0) !== seq) return false
    const found = decodeSlot(slot, this.#storeId)
    return found !== undefined && found.hash !== head
  }

  /** As `decodeSlot`; one whose very bytes were checked before is not checked again. */
  #decode(slot: Buffer): Witnessed | undefined {
    if (this.#knownSlot !== undefined && slot.equals(this.#known)) return this.#knownSlot
    const witnessed = decodeSlot(slot, this.#storeId)
    if (witnessed !== undefined) this.#know(slot, witnessed)
    return witnessed
  }

  #know(slot: Buffer, witnessed: Witnessed): void {
    slot.copy(this.#known)
    this.#knownSlot = witnessed
  }

  close(): void {
    if (this.#file === undefined) return
    closeSync(this.#file)
    this.#file = undefined
  }

  #open(): number | undefined {
    this.#file ??= openWitness(this.#databasePath)
    return this.#file
  }
}

/** For whoever may only read it is evidence all the same. */
function openWitness(databasePath: string): number | undefined {
  const path = witnessPath(databasePath)
  try {
    return openBeside(databasePath, path)
  } catch {
    try {
      return openThere(databasePath, path, 'read')
    } catch {
      return undefined
    }
  }
}

/** Where the witness of a database lies. */
export function witnessPath(databasePath: string): string {
  return `${databasePath}.head`
}

/** Whether a witness of some store, undamaged in at least one slot, lies beside a path. */
export function witnessIsPresent(databasePath: string): boolean {
  const ring = Buffer.alloc(FILE_BYTES + 1)
  let length: number
  try {
    const file = openThere(databasePath, witnessPath(databasePath), 'read')
    try {
      length = readSync(file, ring, 0, ring.length, 0)
    } finally {
      closeSync(file)
    }
  } catch {
    return false
  }
  if (length === 0 || length > FILE_BYTES || length % SLOT_BYTES !== 0) return false
  return ring.some(byte => byte !== 0)
}

/** Where the slot with the highest number under `below` begins. */
function newestSlot(ring: Buffer, below: number): number | undefined {
  let newest: number | undefined
  let seqMax = 0
  for (let at = 0; at + SLOT_BYTES <= ring.length; at += SLOT_BYTES) {
    const seq = ring.readDoubleBE(at)
    if (seq > seqMax && seq < below) {
      seqMax = seq
      newest = at
    }
  }
  return newest
}

function encodeSlot({ seq, streamId, position, hash: head }: Witnessed, storeId: string): Buffer {
  const slot = Buffer.alloc(SLOT_BYTES)
  slot.writeDoubleBE(seq, 0)
  slot.writeDoubleBE(streamId, 8)
  slot.writeDoubleBE(position, 16)
  slot.write(head, HASH_AT, 'hex')
  checkOf(slot, storeId).copy(slot, CHECK_AT)
  return slot
}

function decodeSlot(slot: Buffer, storeId: string): Witnessed | undefined {
  if (!checkOf(slot, storeId).equals(slot.subarray(CHECK_AT))) return undefined
  return {
    seq: slot.readDoubleBE(0),
    streamId: slot.readDoubleBE(8),
    position: slot.readDoubleBE(16),
    hash: slot.toString('hex', HASH_AT, CHECK_AT),
  }
}

function checkOf(slot: Buffer, storeId: string): Buffer {
  const text = `${storeId}\n${slot.toString('hex', 0, CHECK_AT)}`
  return hash('sha256', text, 'buffer').subarray(0, CHECK_BYTES)
}
