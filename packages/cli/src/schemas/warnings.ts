import * as z from 'zod'

/** What was typed and may protect something else than was meant, a sentence each; absent: nothing. */
export const warnings = z.array(z.string()).optional()
