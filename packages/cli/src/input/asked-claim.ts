import { parseCommand, type Claim, type Configuration } from '@holdfast/core'
import { UsageError } from '../program/usage-error.ts'

/** What says of a claim more than its lane. */
export interface ClaimFlags {
  readonly region?: readonly string[]
  readonly kind?: string
  readonly mode?: 'exclusive' | 'shared'
}

/** Stands where a request names who asks: a question has nobody. */
const SOMEBODY = { commandId: '00000000-0000-4000-8000-000000000000', holder: '(nobody)' } as const

/** The claim that is asked about, read as a request for it would be. Throws a `UsageError` with every fault. */
export function askedClaim(lane: string, { region, kind, mode }: ClaimFlags, config: Configuration): Claim {
  const claim = { lane, region: [...(region ?? [])], kind: kind ?? null, mode: mode ?? ('exclusive' as const) }
  const parsed = parseCommand({ type: 'acquire', ...SOMEBODY, claims: [claim] }, config)
  const asked = parsed.ok ? parsed.command.claims[0] : undefined
  if (asked !== undefined) return asked
  const faults = parsed.ok ? [] : parsed.faults
  throw new UsageError(
    `${faults.map(({ path, message }) => `${path.replace(/^claims\.0\./, '')}: ${message}`).join('; ')}.`,
  )
}
