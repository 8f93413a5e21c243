import type { LedgerId, LogEntry, RecordedEvent } from '@holdfast/core'
import { rawOf } from '@holdfast/core/internal'
import { SIDE_STREAM_PREFIX } from '../checkpoint-parts.ts'
import { StoreError } from '../errors.ts'
import type { LogStore, NewEvent } from '../port.ts'

/** Ends a side stream whose parts are a whole state. */
export const SEALED_TYPE = 'SEALED'

/** Ends a side stream that nobody may write on: its parts are no state, and are removed. */
export const ABANDONED_TYPE = 'ABANDONED'

/** A CHECKPOINT whose state lies beside it. */
export type BesideCheckpoint = RecordedEvent<'CHECKPOINT'> & {
  readonly data: { readonly state: { readonly carrier: 'beside'; readonly stream: string } }
}

/** What the end of a side stream says. */
export type SideEnd =
  | { readonly kind: 'unsealed'; readonly events: number }
  | { readonly kind: 'abandoned'; readonly events: number; readonly hasParts: boolean }
  | { readonly kind: 'sealed'; readonly events: number; readonly seal: Seal }

/** What a seal promises of the parts before it, and whose state they are. */
export interface Seal {
  readonly ledgerId: LedgerId
  readonly throughRevision: number
  readonly parts: number
  readonly bytes: number
  readonly sha256: string
}

/** The side stream of a CHECKPOINT that a command writes; no other CHECKPOINT has it. */
export function sideStreamOf(commandId: string): string {
  return `${SIDE_STREAM_PREFIX}${commandId}`
}

export function isBeside(entry: LogEntry | null | undefined): entry is BesideCheckpoint {
  return entry?.type === 'CHECKPOINT' && entry.data.state.carrier === 'beside'
}

/** An event of a side stream. */
export function sideEvent(
  stream: string,
  type: string,
  { position, ...data }: { readonly position: number; readonly [field: string]: unknown },
): NewEvent {
  return { eventId: `${type}-${position}-${stream}`, type, schemaVersion: 1, actor: null, data }
}

/** What stands at the end of a side stream; one that is not there is unsealed. */
export async function endOf(store: Pick<LogStore, 'read'>, stream: string): Promise<SideEnd> {
  const newest: LogEntry[] = []
  for await (const entries of store.read(stream, { direction: 'backwards', limit: 2 })) newest.push(...entries)
  const [last, before] = newest
  if (last === undefined) return { kind: 'unsealed', events: 0 }
  // Core knows none of a side stream's types.
  const { type, data } = rawOf(last)
  const events = last.revision + 1
  if (type === ABANDONED_TYPE) return { kind: 'abandoned', events, hasParts: before !== undefined }
  return type === SEALED_TYPE ? { kind: 'sealed', events, seal: sealIn(data, stream) } : { kind: 'unsealed', events }
}

export function damagedState(stream: string, what: string, cause?: unknown): StoreError {
  const message = `The state of a CHECKPOINT lies in ${stream}, but ${what}: the store is damaged. Run \`holdfast verify\`, then restore a backup.`
  return new StoreError('corrupt', message, { cause, detail: 'parts' })
}

function sealIn(data: unknown, stream: string): Seal {
  const of = (name: string): unknown =>
    typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined
  const [ledgerId, throughRevision, parts, bytes, sha256] = [
    of('ledgerId'),
    of('throughRevision'),
    of('parts'),
    of('bytes'),
    of('sha256'),
  ]
  const isSeal =
    typeof ledgerId === 'string' &&
    [throughRevision, parts, bytes].every(Number.isSafeInteger) &&
    typeof sha256 === 'string'
  if (!isSeal) throw damagedState(stream, 'its seal cannot be read')
  // Each was looked at just above; TypeScript does not follow the list.
  return { ledgerId, throughRevision, parts, bytes, sha256 } as Seal
}
