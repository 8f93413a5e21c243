import type { AdoptOutcome, ReleaseOutcome, ScavengeOutcome } from '@holdfast/core'
import type { QueueFull } from '@holdfast/engine/lean'
import { EXIT } from '../failure/exit-code.ts'

/** What a command ends with that gives up, takes over or ends a lease. */
export function endingExitCode({ outcome }: AdoptOutcome | ReleaseOutcome | ScavengeOutcome | QueueFull): number {
  switch (outcome) {
    case 'released':
    case 'drained':
    case 'adopted':
    case 'scavenged':
      return EXIT.done
    case 'refused':
      return EXIT.refused
    case 'not-held':
    case 'stale-token':
      return EXIT.notHeld
    case 'queue-full':
      return EXIT.unavailable
    case 'blocked':
      return EXIT.untrusted
  }
}
