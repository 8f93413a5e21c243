import { firstAt, valuesAt } from './document-values.ts'
import { HookInputError } from './hook-input-error.ts'
import type { DocumentHook, EventKind, HookEvent } from './hook-shape.ts'

/** Longest id of a session that is taken for one. */
const ID_LENGTH_MAX = 1024

/** Characters of what an event is about, as it is recorded. */
const DETAIL_LENGTH_MAX = 256

/** Which event a document is about, and of whom. */
export interface HookEventSeen {
  /** `unknown`: the document names an event that the table does not have; its agent may be newer. */
  readonly kind: EventKind | 'unknown'
  /** As the document names it; `null`: it names none. */
  readonly name: string | null
  /** The session and, where the document tells it apart, the sub-agent; `null`: it names no session. */
  readonly who: SessionId | null
  /** What a `waiting` one waits for. */
  readonly waits?: HookEvent['waits']
  /** The tool, where the event is always about that one. */
  readonly tool?: string
  /** How text reaches the model from here; absent: it does not. */
  readonly tells?: HookEvent['tells']
  /** What it is about, for people. */
  readonly detail?: string
}

/** As the agent's documents name them. */
export interface SessionId {
  readonly session: string
  readonly subagent: string | null
}

/** @throws HookInputError for an id that is none. */
export function readEvent(shape: DocumentHook, document: unknown): HookEventSeen {
  const name = firstAt(document, shape.event ?? [])
  const who = whoIn(shape, document)
  if (name === undefined) return { kind: 'before-tool', name: null, who }
  if (typeof name !== 'string') throw new HookInputError(`${shape.event?.join(' or ')}: it names no event`)
  const row = shape.events?.find(event => event.name === name && applies(event, document))
  if (row === undefined) return { kind: 'unknown', name, who }
  const detail = firstAt(document, shape.detail ?? [])
  return {
    kind: who === null || who.subagent === null ? row.kind : ofSubagent(row.kind),
    name,
    who,
    ...(row.waits === undefined ? {} : { waits: row.waits }),
    ...(row.tool === undefined ? {} : { tool: row.tool }),
    ...(row.tells === undefined ? {} : { tells: row.tells }),
    ...(typeof detail === 'string' ? { detail: detail.slice(0, DETAIL_LENGTH_MAX) } : {}),
  }
}

function applies({ when }: HookEvent, document: unknown): boolean {
  if (when === undefined) return true
  return valuesAt(document, when.field).some(value => typeof value === 'string' && when.is.includes(value))
}

/** Where sub-agents have sessions of their own, the document that begins one tells of a sub-agent. */
function ofSubagent(kind: EventKind): EventKind {
  if (kind === 'session-start') return 'subagent-start'
  return kind === 'session-end' ? 'subagent-end' : kind
}

function whoIn(shape: DocumentHook, document: unknown): SessionId | null {
  const own = idAt(document, shape.session ?? [])
  const parent = idAt(document, shape.parent ?? [])
  const subagent = idAt(document, shape.subagent ?? [])
  if (parent !== null) return { session: parent, subagent: subagent ?? own }
  return own === null ? null : { session: own, subagent }
}

function idAt(document: unknown, places: readonly string[]): string | null {
  const id = firstAt(document, places)
  if (id === undefined || id === '') return null
  if (typeof id === 'string' && id.length <= ID_LENGTH_MAX) return id
  const told = typeof id === 'string' ? `${id.slice(0, 40)}…` : id
  throw new HookInputError(`${places.join(' or ')}: ${JSON.stringify(told)} is no id of a session`)
}
