import { parseCommand, type Claim, type Configuration, type WorkTree } from '@holdfast/core'
import { faultSentence } from '@holdfast/core/internal'
import { UsageError } from '../failure/usage-error.ts'

/** What says of a claim more than its lane. */
export interface ClaimFlags {
  /** Relative to the root. */
  readonly region?: readonly string[] | undefined
  readonly kind?: string
  readonly mode?: 'exclusive' | 'shared'
}

/** What a claim is asked about in. */
export interface ClaimPlace {
  readonly config: Configuration
  /** `null`: unknown, which counts as every tree. */
  readonly workTree: WorkTree | null
}

/** Stands where a request names who asks: a question has nobody. */
const SOMEBODY = { commandId: '00000000-0000-4000-8000-000000000000', holder: '(nobody)' } as const

/** The claim that is asked about, read as a request for it would be. Throws a `UsageError` with every fault. */
export function askedClaim(lane: string, flags: ClaimFlags, { config, workTree }: ClaimPlace): Claim {
  const { region, kind, mode } = flags
  const claim = { lane, region: [...(region ?? [])], kind: kind ?? null, mode: mode ?? ('exclusive' as const) }
  const parsed = parseCommand({ type: 'acquire', ...SOMEBODY, claims: [claim] }, config)
  const asked = parsed.ok ? parsed.command.claims[0] : undefined
  if (asked !== undefined) return { ...asked, workTree }
  const faults = parsed.ok ? [] : parsed.faults
  throw new UsageError(
    `${faults.map(({ path, message }) => faultSentence(path.replace(/^claims\.0\./, ''), message)).join('; ')}.`,
  )
}
