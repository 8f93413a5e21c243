import { snapshotState, type LedgerState } from '@holdfast/core'

/** What a fold comes to, part by part, as text: equal states give equal digests, whatever way they were reached. */
export type StateDigest = ReadonlyMap<string, string>

export function digestOf(state: LedgerState): StateDigest {
  const { ledgerId, config, minWriter, offset, clockOffset, movedTo } = state
  const parts = { ledgerId, config, minWriter, offset, clockOffset, movedTo, ...snapshotState(state) }
  return new Map(Object.entries(parts).map(([name, part]) => [name, canonical(part)]))
}

/** Names of the parts in which the two differ. */
export function differences(a: StateDigest, b: StateDigest): string[] {
  return [...a.keys()].filter(name => a.get(name) !== b.get(name))
}

/** JSON with sorted keys: two ways to the same state may have written its fields in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
