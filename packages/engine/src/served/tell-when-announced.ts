import { isAnnounced } from './place.ts'
import type { TellWish, ToldOrLost } from './tell-server.ts'

/** As `tell-server.ts`, which is loaded only where somebody says that he serves the store. */
export async function tellServer(wish: TellWish): Promise<ToldOrLost | null> {
  if (!isAnnounced(wish.store)) return null
  const { tellServer: tell } = await import('./tell-server.ts')
  return tell(wish)
}
