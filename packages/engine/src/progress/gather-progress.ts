import {
  unknownProgress,
  type ProgressKind,
  type ProgressProbe,
  type ProgressQuery,
  type ProgressReading,
  type ProgressUnknown,
} from './progress-probe.ts'

/** A probe that could not say. */
export interface UnknownProgress {
  readonly probe: string
  readonly reason: ProgressUnknown
  readonly detail: string
}

/** Sums by kind. What is unknown adds nothing: unknown evidence never promotes. */
export interface GatheredProgress extends Readonly<Record<ProgressKind, number>> {
  readonly unknown: readonly UnknownProgress[]
}

/** Asks all probes at once; one that rejects is `unknown`, so this never does. */
export async function gatherProgress(
  probes: readonly ProgressProbe[],
  query: ProgressQuery,
): Promise<GatheredProgress> {
  const readings = await Promise.all(probes.map(async probe => ({ probe, reading: await ask(probe, query) })))
  const sum = { commits: 0, files: 0, events: 0 }
  const unknown: UnknownProgress[] = []
  for (const { probe, reading } of readings) {
    if (reading.outcome === 'counted') sum[probe.kind] += reading.count
    else unknown.push({ probe: probe.name, reason: reading.reason, detail: reading.detail })
  }
  return { ...sum, unknown }
}

async function ask(probe: ProgressProbe, query: ProgressQuery): Promise<ProgressReading> {
  try {
    return await probe.read(query)
  } catch (error) {
    return unknownProgress('failed', error instanceof Error ? error.message : String(error))
  }
}
