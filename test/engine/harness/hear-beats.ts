import type { HeldLease, LiveLedger } from '@holdfast/engine'

/** Resolves when so many beats stand in the log; rejects with the reason when the lease is lost before. */
export async function hearBeats(
  ledger: Pick<LiveLedger, 'listen'>,
  { signal }: Pick<HeldLease, 'signal'>,
  count: number,
): Promise<void> {
  let beats = 0
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    ledger.listen(entries => {
      beats += entries.filter(({ type }) => type === 'HEARTBEAT').length
      if (beats >= count) resolve()
    })
  })
}
