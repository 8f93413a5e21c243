import type { CommandName } from '../program/summaries.ts'

/** The commands that are asked all the time, by people and before every edit: the published program starts them apart. */
export const QUICK_NAMES = ['leases', 'guard'] as const satisfies readonly CommandName[]

export type QuickName = (typeof QUICK_NAMES)[number]

export function isQuick(word: string | null): word is QuickName {
  return QUICK_NAMES.some(name => name === word)
}
