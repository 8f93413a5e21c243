import type { Ledger } from '@holdfast/engine'
import { intentAnswer } from '@holdfast/server/answers'
import { recordedLines } from '../commands/halt.ts'
import { plain } from '../print/plain.ts'
import type { Target } from './screen-state.ts'

/** Records a HALT for the ownership that was seen. Whoever has the lease since then is not meant. */
export async function haltSeen(
  ledger: Ledger,
  { leaseId, token, holder }: Target,
  reason: string,
): Promise<readonly string[]> {
  const { leases } = await ledger.refresh()
  if ([...leases.values()].every(lease => lease.leaseId !== leaseId || lease.token !== token)) {
    return [`Nothing was recorded: ${plain(holder)} has ${plain(leaseId)} at token ${token} no more.`]
  }
  const handle = `stop-${leaseId}`
  const answer = intentAnswer(await ledger.halt({ handle, leaseId, reason }), ledger)
  const lines = recordedLines(handle, answer)
  const isOther = answer.outcome === 'recorded' && answer.bound?.token !== token
  return isOther
    ? [...lines, `At the same moment the lease changed hands: ${plain(holder)} had token ${token}.`]
    : lines
}
