import { openStore } from '@holdfast/store'

/**
 * The stores among these that somebody could still write to: those whose ledger continues elsewhere refuse everybody and
 * say where. One that cannot be asked counts as one that can be written.
 */
export async function notMovedAway(urls: readonly string[], ledger: string): Promise<readonly string[]> {
  const asked = await Promise.all(urls.map(async url => ((await isMovedAway(url, ledger)) ? [] : [url])))
  return asked.flat()
}

async function isMovedAway(url: string, ledger: string): Promise<boolean> {
  try {
    await using store = await openStore(url, { create: false })
    return (await store.latestCheckpoint(ledger))?.data.movedTo !== undefined
  } catch {
    return false
  }
}
