import { Revision, type Token } from '@holdfast/core'
import type { HostedLedger } from '@holdfast/engine/served'
import { readHistory } from '@holdfast/store'

/**
 * Whether a grant came by a token of this name: the event tells, in the log or the archive. The token of a grant is its
 * revision. What cannot be found any more is nobody's.
 */
export async function isGrantedTo(
  { store, stream }: Pick<HostedLedger['ledger'], 'store' | 'stream'>,
  token: Token,
  name: string,
): Promise<boolean> {
  const from = Revision.parse(token)
  for await (const [entry] of readHistory(store, stream, { from })) {
    if (entry !== undefined)
      return entry.type === 'ACQUIRE' && entry.revision === from && entry.actor?.['token'] === name
  }
  return false
}
