import * as z from 'zod'

/** Characters of a reason, a proposed command or a line of progress. */
export const TEXT_LENGTH_MAX = 4096

/** Words of people or programs that an event carries. */
export const text = z.string().max(TEXT_LENGTH_MAX)
/** Why, in somebody's words; `''` when nobody said. */
export const reason = text.default('')
