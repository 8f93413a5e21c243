import type { ProcessIdentity } from '@holdfast/core'
import { parseTraceparent } from '@holdfast/core/internal'
import { checkOptions } from '../check-given.ts'
import { InputError } from '../input-error.ts'
import type { CommandOptions } from './sender.ts'

/** The trace that a caller names, as it is recorded. Throws an `InputError` for what is no W3C `traceparent`. */
export function checkedTraceparent(options: CommandOptions): string | undefined {
  checkOptions(options, { traceparent: 'text' })
  if (options.traceparent === undefined) return undefined
  const traceparent = parseTraceparent(options.traceparent)
  if (traceparent !== null) return traceparent
  const message = `${JSON.stringify(options.traceparent.slice(0, 64))} is no W3C traceparent, such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`
  throw new InputError([{ path: 'traceparent', message }])
}

/** Throws an `InputError` where no process acts, with which a trace could be recorded. */
export function checkTraceable(actor: ProcessIdentity | null): void {
  if (actor !== null) return
  const message = 'a trace is recorded with the process that acts, and the ledger was opened without one (actor: null)'
  throw new InputError([{ path: 'traceparent', message }])
}
