import type { LogEntry, ProcessIdentity } from '@holdfast/core'
import type { LogStore } from '@holdfast/store'
import { LiveLedger, type LiveLedgerOptions } from '../live/live-ledger.ts'
import { openWith } from '../ledger/open-ledger.ts'
import type { DecidedHere } from '../ledger/commands.ts'
import type { LedgerParts } from '../ledger/ledger-parts.ts'
import { LedgerFor } from './ledger-for.ts'
import { observing, type Observing } from '../telemetry/observe.ts'

/** A ledger that one process keeps open for others: its commands take a sender. */
export interface HostedLedger {
  readonly ledger: LiveLedger
  readonly commands: DecidedHere
  readonly boot: LedgerParts['boot']
  readonly timers: LedgerParts['timers']
  /** The ledger as somebody uses it whom the log is to name. Closing that closes nothing. */
  readonly ledgerFor: (actor: ProcessIdentity | null) => LedgerFor
  /** Hears of every entry once, when it is folded; nothing of what was folded before. One listener at most. */
  readonly listen: (listener: (entries: readonly LogEntry[]) => void) => void
}

/** Opens a ledger that is there on an open store, which is closed with it. Rejects as `openLedgerOn` does. */
export async function openHosted(store: LogStore, options: LiveLedgerOptions): Promise<HostedLedger> {
  const observed = await observing(store, options)
  const opening = { ...options, create: 'never', server: false } as const
  const opened = await openWith(observed?.store ?? store, opening, parts => new Hosted(parts, options, observed))
  return opened.hosted
}

class Hosted extends LiveLedger {
  readonly hosted: HostedLedger

  constructor(parts: LedgerParts, options: LiveLedgerOptions, observed: Observing | null) {
    let commands: DecidedHere | undefined
    super({ ...parts, through: own => (commands = observed?.commands(own) ?? own) }, options)
    if (commands === undefined) throw new Error('a ledger takes its commands when it is made')
    const { boot, timers, fold } = parts
    const decided = commands
    this.hosted = {
      ledger: this,
      commands,
      boot,
      timers,
      ledgerFor: actor => new LedgerFor(parts, decided, actor),
      listen: listener => fold.onFolded(listener),
    }
  }
}
