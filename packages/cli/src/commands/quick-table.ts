import type { Define } from '../program/define.ts'
import { guard } from './guard.ts'
import { leases } from './leases.ts'
import { QUICK_NAMES, type QuickName } from './quick-names.ts'
import type { CommandTable } from '../program/summaries.ts'

const DEFINES: Readonly<Record<QuickName, Define>> = { leases, guard }

/** The quick commands, loaded already. */
export const QUICK_COMMANDS: CommandTable = new Map(QUICK_NAMES.map(name => [name, async () => DEFINES[name]]))
