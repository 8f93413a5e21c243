import type { LedgerCheck } from '@holdfast/projections'
import type { LogStore } from '@holdfast/store'

const SCHEME = 'sqlite:'

/** Files beside the store that somebody who may write the ledger cannot write, with whose they are and what mends it. */
export async function filesCheck({ kind, url }: Pick<LogStore, 'kind' | 'url'>): Promise<LedgerCheck> {
  const about = { name: 'files', severity: 'finding' } as const
  if (kind !== 'sqlite') return { ...about, ok: true, count: 0 }
  const { filesInTheWay } = await import('@holdfast/store/sqlite')
  const found = filesInTheWay(url.slice(SCHEME.length))
  if (found.length === 0) return { ...about, ok: true, count: 0 }
  const detail = found.map(({ detail, next }) => `${detail}. ${next}`).join('. ')
  return { ...about, ok: false, count: found.length, detail: `${detail}.` }
}
