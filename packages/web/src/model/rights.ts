import { type Fields, textOf } from './log-event.ts'

/** What each action of the page takes, by the names of the rights. */
export const RIGHTS_OF = {
  halt: ['halt'],
  adopt: ['adopt', 'force'],
  scavenge: ['scavenge', 'force'],
} as const
export type Action = keyof typeof RIGHTS_OF

/** What the page may not do, and why, by what the server says of its rights. */
export function forbiddenBy(rights: Fields): ReadonlyMap<string, string> {
  const { can } = rights
  if (!Array.isArray(can)) return new Map()
  const name = textOf(rights, 'name') ?? 'page'
  return new Map(
    Object.entries(RIGHTS_OF).flatMap(([action, needed]) => {
      const lacking = needed.filter(right => !can.includes(right))
      return lacking.length === 0 ? [] : [[action, `${name} lacks the right ${lacking.join(' and ')}.`]]
    }),
  )
}
