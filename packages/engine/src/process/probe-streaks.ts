import type { Probe, ProcessIdentity } from '@holdfast/core'
import { processKey } from '@holdfast/core/internal'
import { pause, type Timers } from '../clock/timers.ts'
import type { ProcessProbe } from './probe.ts'

/** Time between two probes of one process that count as consecutive. */
const PROBE_INTERVAL_MS = 50

/**
 * Probes each process up to `count` times, some time apart, and counts how often in a row it was dead. Stops early once
 * no process can reach the count any more, which is at once when all of them live.
 */
export async function probeStreaks(
  processes: readonly ProcessIdentity[],
  options: { readonly probe: ProcessProbe; readonly timers: Timers; readonly count: number },
): Promise<ReadonlyMap<string, Probe>> {
  const probes = new Map<string, Probe>()
  for (let round = 0; round < options.count; round += 1) {
    const again = processes.filter(process => round === 0 || probes.get(processKey(process))?.status === 'dead')
    if (again.length === 0) break
    if (round > 0) await pause(options.timers, PROBE_INTERVAL_MS)
    for (const process of again) {
      const status = options.probe(process)
      const before = probes.get(processKey(process))?.consecutiveDead ?? 0
      probes.set(processKey(process), { status, consecutiveDead: status === 'dead' ? before + 1 : 0 })
    }
  }
  return probes
}
