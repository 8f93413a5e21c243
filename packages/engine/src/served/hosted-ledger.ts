import type { LogStore } from '@holdfast/store'
import { LiveLedger, type LiveLedgerOptions } from '../live/live-ledger.ts'
import { openWith } from '../ledger/open-ledger.ts'
import type { DecidedHere } from '../ledger/commands.ts'
import type { LedgerParts } from '../ledger/ledger-parts.ts'

/** A ledger that one process keeps open for others: its commands take a sender. */
export interface HostedLedger {
  readonly ledger: LiveLedger
  readonly commands: DecidedHere
  readonly boot: LedgerParts['boot']
  readonly timers: LedgerParts['timers']
}

/** Opens a ledger that is there on an open store, which is closed with it. Rejects as `openLedgerOn` does. */
export async function openHosted(store: LogStore, options: LiveLedgerOptions): Promise<HostedLedger> {
  return openWith(store, { ...options, create: 'never', server: false }, parts => new Hosted(parts, options)).then(
    ledger => ledger.hosted,
  )
}

class Hosted extends LiveLedger {
  readonly hosted: HostedLedger

  constructor(parts: LedgerParts, options: LiveLedgerOptions) {
    let commands: DecidedHere | undefined
    super({ ...parts, through: own => (commands = own) }, options)
    if (commands === undefined) throw new Error('a ledger takes its commands when it is made')
    this.hosted = { ledger: this, commands, boot: parts.boot, timers: parts.timers }
  }
}
