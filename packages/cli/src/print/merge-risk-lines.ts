import type { MergeRisks } from '@holdfast/core'
import { plain } from './plain.ts'
import { tone } from './tone.ts'
import { treeText } from './tree-text.ts'

/** What a grant in one of several work trees will meet when the branches are merged, one line each. */
export function mergeRiskLines({ mergeRisks, moreMergeRisks }: MergeRisks): readonly string[] {
  const lines = mergeRisks.map(({ leaseId, holder, workTree, witness }) => {
    const what = witness === undefined ? 'they may overlap' : `both cover ${tone.strong(plain(witness))}`
    return `${tone.warn('merge risk')}  ${plain(leaseId)} of ${plain(holder)} in ${treeText(workTree)}, ${what}`
  })
  if (moreMergeRisks > 0) lines.push(`${tone.warn('merge risk')}  ${moreMergeRisks} more`)
  return lines
}
