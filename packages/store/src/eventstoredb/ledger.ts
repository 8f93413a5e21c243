import { Appender } from './append-events.ts'
import { Archive } from './archive.ts'
import { ChangeWatch } from './change-watch.ts'
import { LedgerClock } from './ledger-clock.ts'
import { LedgerStream } from './ledger-stream.ts'
import { archiveName, physicalName } from './physical-name.ts'
import { Rotation } from './rotation.ts'
import type { Server } from './server.ts'
import { Turns } from './turns.ts'

/** All that a store keeps for one ledger. */
export interface Ledger {
  readonly stream: LedgerStream
  readonly archive: Archive
  readonly appender: Appender
  readonly watch: ChangeWatch
  readonly clock: LedgerClock
  /** Commits take turns: those of one store would only overtake each other. */
  readonly turns: Turns
  /** The order between this store and others. */
  readonly rotation: Rotation
}

export interface LedgerOptions {
  readonly server: Server
  readonly probeMs: number
  readonly closed: AbortSignal
  readonly ledgerAt: (name: string) => Ledger
}

/** Throws `invalid` for a name that some store could not hold. */
export function newLedger(name: string, { server, probeMs, closed, ledgerAt }: LedgerOptions): Ledger {
  const rotation = new Rotation()
  const stream = new LedgerStream(name, physicalName(name), { server, rotation })
  const archive = new Archive(server, { ledger: name, name: archiveName(name) })
  const appenderOf = (side: string): Appender => ledgerAt(side).appender
  return {
    stream,
    archive,
    appender: new Appender({ stream, archive, server, rotation, appenderOf }),
    watch: new ChangeWatch({ stream, link: server.link, probeMs, closed }),
    clock: new LedgerClock(server.clock),
    turns: new Turns(),
    rotation,
  }
}
