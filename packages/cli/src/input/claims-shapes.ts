import type { Shape } from '@holdfast/core/internal'
import type { ClaimRequest } from '@holdfast/engine/lean'
import * as z from 'zod'

/** Further claims, as a file lists them. */
export const FurtherClaims: Shape<ClaimRequest[]> = z
  .array(
    z.strictObject({
      lane: z.string(),
      region: z.array(z.string()).optional(),
      paths: z.array(z.string()).optional(),
      mode: z.enum(['exclusive', 'shared']).optional(),
      kind: z.string().optional(),
    }),
  )
  .min(1, 'name at least one claim')
