import { ProcessIdentity } from '@holdfast/core'
import type { Shape } from '@holdfast/core/internal'
import * as z from 'zod'

/** Who serves a store, as the server says it. A hint: the hello decides. */
export interface Announcement {
  readonly protocol: number
  readonly version: string
  readonly process: ProcessIdentity
  readonly socket: string
  readonly store: string
  /** Of this announcement alone. */
  readonly id: string
  /** Since when it serves, in ISO 8601. */
  readonly since?: string | undefined
  /** The address at which it listens for HTTP. */
  readonly listen?: string | undefined
}

/** Its shape, as it lies in the folder. */
export const AnnouncementShape: Shape<Announcement> = z.object({
  protocol: z.int(),
  version: z.string(),
  process: ProcessIdentity,
  socket: z.string().min(1),
  store: z.string(),
  id: z.string(),
  since: z.string().optional(),
  listen: z.string().optional(),
})
