import type { Command, EventId, Outcome, PredicateVerdict, ProcessIdentity, ProposedEvent } from '@holdfast/core'
import { actorAsRead, asRecorded, readsAsWritten, SCHEMA_VERSION, tracedActor } from '@holdfast/core/internal'
import type { Head, NewEvent } from '@holdfast/store'
import type { EarlierEvents } from './earlier-events.ts'
import { eventIdOf } from './event-id.ts'
import type { Sender } from './sender.ts'
import type { StateAside } from './state-aside.ts'

const NOTHING_EARLIER = { events: [], wasTaken: false }

/** A command that waits for its turn, and how far it got. */
export interface QueuedCommand {
  readonly command: Command
  readonly predicates: readonly PredicateVerdict[]
  /** Takes the state that a CHECKPOINT does not carry itself. */
  readonly aside: StateAside | null
  readonly sender: Sender
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
  /** When it has had its time, by the monotonic clock; the store's deadline counts from when it was given. */
  readonly endMs: number
  /** Events of this command that are in the log already: earlier parts of a decision that did not fit one append. */
  appended: number
  /** Its events that were there before it was sent here, and the last revision that was searched for them. */
  earlier: Pick<EarlierEvents, 'events' | 'wasTaken'>
  searchedThrough: Head | undefined
  searches: number
  /** The id of the event that it would append next, once somebody has asked: by it the log is looked at, and written. */
  nextId: { readonly index: number; readonly eventId: EventId } | null
}

type Given = Pick<QueuedCommand, 'command' | 'predicates' | 'aside' | 'sender' | 'resolve' | 'reject' | 'endMs'>

/** A command as it is queued first: nothing of it is known to be in the log. */
export function queued(given: Given): QueuedCommand {
  return {
    ...given,
    appended: 0,
    earlier: NOTHING_EARLIER,
    searchedThrough: given.sender.sentAfter,
    searches: 0,
    nextId: null,
  }
}

/** An event to append, with its id as the command gives it. */
export type OwnEvent = NewEvent & { readonly eventId: EventId }

/** The process that a pipeline writes for, as it was given and as readers get it. */
export interface KnownActor {
  readonly given: ProcessIdentity | null
  /** `undefined`: not known, so that what it wrote is read back. */
  readonly asRead: ProcessIdentity | null | undefined
}

/** The event at `index` of what was decided for a command now; events of earlier parts come before it. */
export function ownEvent(
  waiting: QueuedCommand,
  event: ProposedEvent,
  { index, own }: { readonly index: number; readonly own: KnownActor },
): OwnEvent {
  const { type, data, runId, causation } = event
  const { appended, sender } = waiting
  const eventId = index === 0 ? nextEventId(waiting) : eventIdOf(waiting.command.commandId, appended + index)
  const { actor: writer = own.given, traceparent } = sender
  const written = tracedActor(writer, traceparent)
  const { given, asRead: actor } = written === own.given ? own : actorOf(written)
  const proposed = { eventId, type, data, schemaVersion: SCHEMA_VERSION, runId, causation }
  if (actor === undefined || !readsAsWritten(event)) return { ...proposed, actor: given }
  return { ...proposed, actor, asRecorded: at => asRecorded(event, { ...at, eventId, actor }) }
}

/** Clients of a server, each of which sends many commands as the same actor. Nobody changes what came in a hello. */
const knownSenders = new WeakMap<ProcessIdentity, KnownActor>()

function actorOf(actor: ProcessIdentity | null): KnownActor {
  if (actor === null) return knownActor(null)
  const known = knownSenders.get(actor) ?? knownActor(actor)
  knownSenders.set(actor, known)
  return known
}

/** The id of the event that a command appends next. It is a hash, and is wanted twice for a command that a server decides. */
export function nextEventId(waiting: QueuedCommand): EventId {
  const { command, appended } = waiting
  if (waiting.nextId?.index !== appended) {
    waiting.nextId = { index: appended, eventId: eventIdOf(command.commandId, appended) }
  }
  return waiting.nextId.eventId
}

export function knownActor(given: ProcessIdentity | null): KnownActor {
  return { given, asRead: actorAsRead(given) }
}
