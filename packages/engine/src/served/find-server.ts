import type { LedgerId, ProcessIdentity } from '@holdfast/core'
import type { Timers } from '../clock/timers.ts'
import { systemProbe } from '../process/probe.ts'
import { ServerLink } from './link.ts'
import { fileIdentity, isOwnSocket, readAnnouncement, serveFolder } from './place.ts'
import { PROTOCOL } from './protocol.ts'

/** Which ledger is meant, and for whom. */
export interface ServerWish {
  /** The URL of the open store. */
  readonly store: string
  readonly ledger: string
  /** `null`: the one of that name, whichever it is. */
  readonly ledgerId: LedgerId | null
  readonly actor: ProcessIdentity | null
  readonly timers: Timers
}

/**
 * A connection to the server of exactly this ledger; `null` where there is none that answers. Where nobody serves the store
 * it costs one `lstat`. Whatever lies there is a hint of somebody's: only the hello counts.
 */
export async function findServer(wish: ServerWish): Promise<ServerLink | null> {
  const announced = readAnnouncement(serveFolder(wish.store))
  if (announced === null || announced.protocol !== PROTOCOL || !isOwnSocket(announced.socket)) return null
  return systemProbe(announced.process) === 'dead' ? null : connectTo(announced.socket, wish)
}

/** A connection to the server at a socket, if it serves what is meant. */
export async function connectTo(
  path: string,
  { store, ledger, ledgerId, actor, timers }: ServerWish,
): Promise<ServerLink | null> {
  try {
    const link = await ServerLink.connect(path, { hello: { ledger, actor }, timers })
    const { hello } = link
    const isMeant = ledgerId === null || hello.ledgerId === ledgerId
    if (isMeant && hello.store.file === fileIdentity(store)) return link
    link.close()
    return null
  } catch {
    return null // Whatever it is, the store is there.
  }
}
