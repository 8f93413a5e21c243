import { ledgersOfOtherTrees } from '@holdfast/engine/which-ledger'
import type { LedgerCheck } from '@holdfast/projections'
import type { Shell } from '../program/shell.ts'
import { workingFolder } from '../input/working-folder.ts'

/** What may make others mean another ledger than this one, or keeps the guard from seeing all of them. */
export function placeChecks({ which }: Shell): readonly LedgerCheck[] {
  const trees = ledgersOfOtherTrees(workingFolder()).filter(url => url !== which.url && !which.others.includes(url))
  const others = [...which.others, ...trees]
  const around = which.surrounding.map(({ url }) => url)
  return [
    finding(
      'two ledgers',
      others,
      `Used is ${which.url}, and there are ${others.join(', ')}: who means another one is excluded by nobody here. Keep one: \`holdfast leases --store URL\` shows what each holds; then remove the others, or \`holdfast move --store URL --to URL\`.`,
    ),
    finding(
      'ledgers around',
      around,
      `${around.join(', ')}: the guard asks them as well, for what they hold of these folders; a lease here excludes nobody there.`,
    ),
  ]
}

function finding(name: string, found: readonly string[], detail: string): LedgerCheck {
  const count = found.length
  return { name, ok: count === 0, count, severity: 'finding', ...(count === 0 ? {} : { detail }) }
}
