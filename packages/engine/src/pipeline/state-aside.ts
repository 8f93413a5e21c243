import { randomUUID } from 'node:crypto'
import { snapshotState, type LedgerState } from '@holdfast/core'
import { entriesIn, keepState, type CheckpointCommand, type KeptState } from '@holdfast/core/internal'
import { StoreError, type LogStore } from '@holdfast/store'
import { INLINE_STATE_BYTES_MAX, sideStreamOf, writeState, type StateBeside } from '@holdfast/store/internal'
import { statePieces } from './state-pieces.ts'

/** Entries of a state from which on its size is not looked at: making it into text would take long, and it is large. */
const ENTRIES_INLINE_MAX = 3_000

/**
 * The state of one CHECKPOINT, kept when it is decided and written beside it when it stands in the log. The CHECKPOINT is as
 * small as any command, whatever the state is: it can be overtaken and decided again, and nobody waits for the writing.
 */
export class StateAside {
  readonly #command: CheckpointCommand
  /** A name of its own, since a command may come twice and a state is sealed for one CHECKPOINT. */
  readonly #stream = sideStreamOf(randomUUID())
  #kept: (StateBeside & { readonly state: KeptState }) | null = null

  private constructor(command: CheckpointCommand) {
    this.#command = command
  }

  /** `null` for a CHECKPOINT that changes the state or where it counts from: it has to carry that itself. */
  static of(command: CheckpointCommand): StateAside | null {
    const { type: _type, commandId: _id, reason: _reason, ...changes } = command
    return Object.values(changes).every(change => change === undefined) ? new StateAside(command) : null
  }

  /** The command to decide on a state; keeps the state when it is large. Only what was kept last counts. */
  commandOn(state: LedgerState): CheckpointCommand {
    this.#kept = null
    if (state.ledgerId === null || !isLarge(state)) return this.#command
    const stream = this.#stream
    this.#kept = { stream, ledgerId: state.ledgerId, throughRevision: state.head, state: keepState(state) }
    return { ...this.#command, carrier: { carrier: 'beside', stream } }
  }

  /**
   * Writes what was kept, if anything was, once the CHECKPOINT stands in the log. Rejects with `timeout-unknown-outcome`
   * when it cannot: the CHECKPOINT stands there, and nobody can begin at it.
   */
  async write(store: LogStore): Promise<void> {
    if (this.#kept === null) return
    const { state, ...named } = this.#kept
    this.#kept = null
    try {
      await writeState(store, named, statePieces(state))
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'unavailable') throw error
      const message = `${error.message} The CHECKPOINT after revision ${named.throughRevision} is in the log without its state, so readers skip it. Write another one.`
      throw new StoreError('timeout-unknown-outcome', message, { cause: error })
    }
  }
}

function isLarge(state: LedgerState): boolean {
  if (entriesIn(state) > ENTRIES_INLINE_MAX) return true
  return Buffer.byteLength(JSON.stringify(snapshotState(state))) > INLINE_STATE_BYTES_MAX
}
