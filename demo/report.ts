import type { Log, Seen } from './log.ts'
import type { StaleBeat } from './scenes.ts'

/** One thing that the demonstration promises to show, and where in the log it stands. */
export interface Finding {
  readonly what: string
  readonly shown: string | null
}

/** Reads from the log alone whether everything that was promised has happened. */
export function findings(log: Log, verdicts: readonly unknown[], stale: StaleBeat): readonly Finding[] {
  const refusal = log.all('REFUSE').find(({ data }) => data['code'] === 'region-held')
  const blocker = first(refusal?.data['blockers'])
  const waited = log.all('REFUSE').find(({ data }) => data['ticket'] !== undefined && holderOf(data) === 'agent-c')
  const served = acquiredBy(log, 'agent-c')
  const adopted = log.all('ADOPT').find(({ data }) => data['newHolder'] === 'rescuer')
  const orphan = log.all('REFUSE').find(({ data }) => data['code'] === 'orphan-alive')
  const evicted = log.all('SCAVENGE').find(({ data }) => data['lane'] === 'docs' && data['cause'] === 'expired')
  const halt = log.all('HALT')[0]
  const enacted = log.all('HEARTBEAT').find(({ causation }) => halt !== undefined && causation === halt.eventId)
  const confirmed = log.all('RELEASE').find(({ causation }) => halt !== undefined && causation === halt.eventId)
  const grant = acquiredBy(log, 'agent-a')
  return [
    { what: 'a grant', shown: grant && `r${grant.revision}: agent-a holds lane core at token ${grant.revision}` },
    {
      what: 'a refusal with its blocker',
      shown:
        refusal && blocker
          ? `r${refusal.revision}: blocked by ${String(blocker['leaseId'])}; both would cover ${String(blocker['witness'])}`
          : null,
    },
    {
      what: 'a waiter that gets its turn',
      shown: waited && served ? `waits since r${waited.revision}, served at r${served.revision}` : null,
    },
    {
      what: 'an orphan noticed',
      shown: orphan && `r${orphan.revision}: the child of a killed runner still works`,
    },
    {
      what: 'the orphan adopted under a new token',
      shown:
        adopted && `r${adopted.revision}: token ${String(adopted.data['previousToken'])} became ${adopted.revision}`,
    },
    {
      what: 'a lane taken over by expiry',
      shown: evicted && `r${evicted.revision}: the lease of a killed holder made way at its expiry`,
    },
    { what: 'a stale token refused', shown: refusedAsStale(log, stale) },
    {
      what: 'a worker judged SPINNING',
      shown: verdicts.length > 0 ? JSON.stringify(field(verdicts[0], 'reason')) : null,
    },
    {
      what: 'a HALT enacted and confirmed',
      shown:
        halt && enacted && confirmed
          ? `r${halt.revision} enacted by r${enacted.revision}, confirmed by r${confirmed.revision}`
          : null,
    },
  ].map(({ what, shown }) => ({ what, shown: shown ?? null }))
}

/** The command line said so, and no beat of that token came after the adoption. */
function refusedAsStale(log: Log, { token, exitCode, outcome }: StaleBeat): string | null {
  const adopted = log.all('ADOPT').find(({ data }) => String(data['previousToken']) === token)
  if (adopted === undefined || exitCode !== 4 || outcome !== 'stale-token') return null
  const late = log
    .all('HEARTBEAT')
    .filter(({ data, revision }) => String(data['token']) === token && revision > adopted.revision)
  return late.length > 0 ? null : `a beat under token ${token} after r${adopted.revision}: ${outcome}, exit ${exitCode}`
}

function acquiredBy(log: Log, holder: string): Seen | undefined {
  return log.all('ACQUIRE').find(({ data }) => data['holder'] === holder)
}

function holderOf(data: Seen['data']): unknown {
  return field(data['request'], 'holder')
}

function first(list: unknown): Readonly<Record<string, unknown>> | null {
  const one: unknown = Array.isArray(list) ? list[0] : undefined
  return typeof one === 'object' && one !== null ? { ...one } : null
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
