import * as z from 'zod'

/** Where the ledger of an answer is, and why it is the one that was meant. */
export const atPlace = {
  /** The store's URL. */
  store: z.string(),
  why: z.enum(['option', 'variable', 'work-tree', 'main-tree', 'git-directory', 'folder']),
  /** The folder that regions are relative to. */
  root: z.string(),
} as const

const AtPlace = z.object(atPlace)
export type AtPlace = Readonly<z.infer<typeof AtPlace>>
