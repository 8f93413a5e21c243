// Which ledger is meant: what every command asks first, so it loads nothing of the engine.
export { innerRoot } from './inner-root.ts'
export { inTreeLedger } from './in-tree-ledger.ts'
export { giveUpInTree, markInTree, markMoved } from './in-tree-marker.ts'
export { ledgersOfSubmodules } from './ledgers-of-submodules.ts'
export { isNamed, type Why } from './ledger-files.ts'
export { checkLedgerId, noSuchLedger } from './not-meant.ts'
export { recordRootOf, rootThere, rootToRecord } from './ledger-root.ts'
export { mayFound, openMeantStore, type Making } from './open-meant-store.ts'
export { ledgersOfOtherTrees } from './other-trees.ts'
export { recordRoot, type RecordedRoot } from './recorded-root.ts'
export { submodulePaths } from './superproject.ts'
export {
  rootOf,
  treeMeant,
  whichLedger,
  workTreeAt,
  type LedgerAt,
  type WhichLedger,
  type WhichLedgerQuestion,
} from './which-ledger.ts'
export { pathWithin } from './within.ts'
