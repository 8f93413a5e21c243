import type { EpochMs, LogEntry, RecordedEvent, Revision } from '@holdfast/core'
import { StoreError } from '../errors.ts'
import type {
  AppendResult,
  ArchiveReadOptions,
  ArchiveSummary,
  CommitDecider,
  CommitResult,
  CompactResult,
  ExpectedHead,
  Head,
  LogStore,
  NewEvent,
  ReadOptions,
  Snapshot,
  SnapshotKey,
  StoreCheck,
  SubscriptionItem,
  UnsealedState,
} from '../port.ts'
import { abandon, remove, statesBefore, unsealedBelow, type SideStore } from './abandon.ts'
import { Begun } from './begun.ts'
import { withState } from './read-state.ts'
import { pastWithStates } from './past-states.ts'
import { isBeside } from './side-state.ts'

/**
 * A store whose CHECKPOINTs may have their states beside them. Whoever begins at one is given it with its state inline, if
 * that is sealed; whoever comes to it with all that was before has that state, and is given it as it stands in the log.
 * One that is not sealed is passed over as a beginning, and no log is cut there.
 */
export class BesideStore implements LogStore {
  readonly url: string
  readonly kind: LogStore['kind']
  readonly clock: LogStore['clock']
  readonly deadlineMs: number | undefined
  readonly backup: LogStore['backup']
  readonly ledgers: LogStore['ledgers']
  readonly past: LogStore['past']
  readonly #store: SideStore

  constructor(store: SideStore) {
    this.#store = store
    this.url = store.url
    this.kind = store.kind
    this.clock = store.clock
    this.deadlineMs = store.deadlineMs
    this.past = store.past === undefined ? undefined : pastWithStates(store, store.past)
    this.ledgers = store.ledgers?.bind(store)
    this.backup = store.backup === undefined ? undefined : store.backup.bind(store)
  }

  append(stream: string, expected: ExpectedHead, events: readonly NewEvent[]): Promise<AppendResult> {
    return this.#store.append(stream, expected, events)
  }

  /**
   * A state is read outside the commit, which keeps others waiting: the commit is left, and begins again with the state.
   */
  async commit(stream: string, after: Head, decider: CommitDecider): Promise<CommitResult> {
    const begun = Begun.after(after)
    for (;;) {
      const left: { needy: readonly LogEntry[] | null } = { needy: null }
      /** Entries that can be handed over; leaves the commit at one that needs its state. */
      const handed = (entries: readonly LogEntry[]): readonly LogEntry[] => {
        if (begun.needsState(entries) >= 0) {
          left.needy = entries
          throw new Error('a state lies beside its CHECKPOINT')
        }
        begun.gave(entries)
        return entries
      }
      try {
        return await this.#store.commit(stream, begun.head, {
          absorb: entries => decider.absorb(handed(entries)),
          decide: view => decider.decide({ ...view, entries: handed(view.entries) }),
        })
      } catch (error) {
        if (left.needy === null) throw error
        decider.absorb(await begun.whole(this.#store, left.needy))
      }
    }
  }

  async *read(stream: string, options: ReadOptions = {}): AsyncGenerator<readonly LogEntry[], void, undefined> {
    if (options.direction === 'backwards') {
      yield* this.#store.read(stream, options)
      return
    }
    const begun = new Begun(options.from === undefined ? null : options.from - 1)
    for await (const entries of this.#store.read(stream, options)) yield await begun.whole(this.#store, entries)
  }

  async *subscribe(
    stream: string,
    after: Head,
    options: { readonly signal: AbortSignal },
  ): AsyncGenerator<SubscriptionItem, void, undefined> {
    const begun = Begun.after(after)
    for await (const item of this.#store.subscribe(stream, after, options)) {
      if (item.kind === 'truncated') begun.leap()
      if (item.kind === 'entries') yield { ...item, entries: await begun.whole(this.#store, item.entries) }
      else yield item
    }
  }

  head(stream: string): Promise<Head> {
    return this.#store.head(stream)
  }

  now(stream: string): Promise<EpochMs> {
    return this.#store.now(stream)
  }

  async latestCheckpoint(stream: string, before?: Revision): Promise<RecordedEvent<'CHECKPOINT'> | null> {
    let checkpoint = await this.#store.latestCheckpoint(stream, before)
    while (isBeside(checkpoint)) {
      const whole = await withState(this.#store, checkpoint)
      if (whole !== null) return whole
      checkpoint = await this.#store.latestCheckpoint(stream, checkpoint.revision)
    }
    return checkpoint
  }

  /** Gives up the unsealed states before the cut first: nobody will begin at them, and nothing looks there again. */
  async compact(stream: string, checkpoint: Revision): Promise<CompactResult> {
    const found = await this.#store.latestCheckpoint(stream, (checkpoint + 1) as Revision)
    if (found?.revision === checkpoint) {
      if (isBeside(found) && (await withState(this.#store, found)) === null) throw notSealed(checkpoint)
      for (const { stream: side } of await unsealedBelow(this.#store, stream, checkpoint)) {
        await abandon(this.#store, side)
      }
    }
    return this.#store.compact(stream, checkpoint)
  }

  async *readArchive(
    stream: string,
    options: ArchiveReadOptions = {},
  ): AsyncGenerator<readonly LogEntry[], void, undefined> {
    const begun = new Begun(options.from === undefined ? null : options.from - 1)
    for await (const entries of this.#store.readArchive(stream, options)) yield await begun.whole(this.#store, entries)
  }

  archive(stream: string): Promise<ArchiveSummary> {
    return this.#store.archive(stream)
  }

  /** The states of what is dropped go with it. */
  async dropArchive(stream: string, before: EpochMs): Promise<ArchiveSummary> {
    const states = await statesBefore(this.#store, stream, before)
    const left = await this.#store.dropArchive(stream, before)
    const isDropped = (revision: Revision): boolean =>
      left.held === null ? revision <= (left.dropped?.to ?? -1) : revision < left.held.from
    for (const { revision, stream: side } of states) if (isDropped(revision)) await remove(this.#store, side)
    return left
  }

  loadSnapshot(stream: string, key: SnapshotKey): Promise<Snapshot | null> {
    return this.#store.loadSnapshot(stream, key)
  }

  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    return this.#store.saveSnapshot(stream, snapshot)
  }

  check(stream: string): Promise<readonly StoreCheck[]> {
    return this.#store.check(stream)
  }

  unsealed(stream: string): Promise<readonly UnsealedState[]> {
    return unsealedBelow(this.#store, stream)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function notSealed(revision: number): StoreError {
  const message = `The state of the CHECKPOINT at revision ${revision} is not written yet, so the log cannot begin there. Nothing was cut. Write another CHECKPOINT, or cut at an older one.`
  return new StoreError('invalid', message)
}
