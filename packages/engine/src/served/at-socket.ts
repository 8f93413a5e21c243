import type { ProcessIdentity } from '@holdfast/core'
import { StoreError } from '@holdfast/store'
import { systemTimers, type Timers } from '../clock/timers.ts'
import { thisProcess } from '../process/identity.ts'
import { connectTo, type ServerWish } from './find-server.ts'
import { ServerLink } from './link.ts'

/**
 * Which store the server at a socket serves, and the way back to it. Rejects with `unavailable` where no server answers. When
 * the server is lost later, commands go by the store.
 */
export async function storeAtSocket(
  path: string,
  options: {
    readonly ledger: string
    readonly actor?: ProcessIdentity | null | undefined
    readonly timers?: Timers | undefined
  },
): Promise<{
  readonly store: string
  readonly server: (wish: Omit<ServerWish, 'store'>) => Promise<ServerLink | null>
}> {
  const { ledger, actor = thisProcess(), timers = systemTimers } = options
  let store: string
  try {
    const link = await ServerLink.connect(path, { hello: { ledger, actor }, timers })
    store = link.hello.store.url
    link.close()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `No server of Holdfast answers at ${path} (${reason}). Start one with \`holdfast serve\`, or open the store itself.`
    throw new StoreError('unavailable', message, { cause: error })
  }
  return { store, server: wish => connectTo(path, { ...wish, store }) }
}
