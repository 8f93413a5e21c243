import { parseTraceparent } from '@holdfast/core/internal'
import type { LogStore } from '@holdfast/store'
import type { Commands, DecidedHere } from '../ledger/commands.ts'
import { DEFAULT_LEDGER, type OpenLedgerOptions } from '../ledger/open-ledger.ts'
import { isMeasured, type TelemetryOptions } from './telemetry-options.ts'

/** A ledger that is measured: what its store and its commands are replaced by. */
export interface Observing {
  readonly store: LogStore
  readonly commands: (inner: Commands) => DecidedHere
}

/** What measures a ledger on this store; `null` where nobody would get it. */
export async function observing(
  store: LogStore,
  { ledger = DEFAULT_LEDGER, traceparent = '', telemetry }: ObservedOptions,
): Promise<Observing | null> {
  if (!isMeasured(telemetry)) return null
  const [{ Instruments }, { ObservedCommands }, { observedStore }] = await Promise.all([
    import('./instruments.ts'),
    import('./observed-commands.ts'),
    import('./observed-store.ts'),
  ])
  const given = telemetry === false ? undefined : telemetry
  const instruments = new Instruments(ledger, given ?? {}, parseTraceparent(traceparent))
  return {
    store: observedStore(store, instruments),
    commands: inner => new ObservedCommands(inner, instruments),
  }
}

/** How a ledger is opened, and whether it is measured. */
export interface ObservedOptions extends OpenLedgerOptions {
  /**
   * Where metrics and spans go: the providers that are given, else those that are registered with OpenTelemetry's API when
   * the ledger is opened. If none is, or with `false`, nothing is measured and nothing is loaded.
   */
  readonly telemetry?: TelemetryOptions | false | undefined
}
