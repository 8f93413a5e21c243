// A client in a process of its own. WORK is what it does; lines on standard output say what it has.
import { appendFileSync } from 'node:fs'
import { openLedger } from '@holdfast/engine'

const [url = '', work = '', name = '', journal = ''] = process.argv.slice(2)
const server = process.env['SERVER'] !== 'no'
const ledger = await openLedger(url, { compaction: { automatic: false }, server })
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

/** Takes and gives up one of a few lanes, as fast as it can; what it believes stands in a journal, appended whole. */
async function loop(): Promise<void> {
  const over = new AbortController()
  // Until it is told, or whoever started it is gone.
  process.stdin.once('end', () => over.abort()).resume()
  say({ begins: name })
  const waits: number[] = []
  let errors = 0
  let turn = 0
  while (!over.signal.aborted) {
    turn += 1
    const lane = work === 'contend' ? `lane-${turn % 3}` : name
    const from = performance.now()
    try {
      const asked = await ledger.acquire({ lane, holder: name })
      waits.push(performance.now() - from)
      if (asked.outcome !== 'granted') continue
      const { token } = asked.lease
      if (journal !== '') appendFileSync(journal, `${JSON.stringify({ name, lane, token })}\n`)
      const before = performance.now()
      await ledger.release({ lane, holder: name, token })
      waits.push(performance.now() - before)
    } catch (error) {
      errors += 1
      say({ error: String(error) })
    }
  }
  waits.sort((a, b) => a - b)
  const at = (part: number): number => waits[Math.min(waits.length - 1, Math.floor(waits.length * part))] ?? 0
  say({ name, commands: waits.length, errors, p50: at(0.5), p99: at(0.99), worst: at(1) })
}

if (work === 'hold' || work === 'wait') {
  const asked = await ledger.hold({
    lane: 'x',
    holder: name,
    ttl: '4s',
    wait: work === 'wait' ? '60s' : undefined,
    onRefused: () => say({ waits: name }),
  })
  say({ outcome: asked.outcome })
  if (asked.outcome === 'granted') {
    const { lease } = asked
    lease.signal.addEventListener('abort', () => say({ lost: String(lease.signal.reason) }))
    lease.haltRequested.addEventListener('abort', () => say({ halt: true }))
    setInterval(() => say({ isHeld: lease.isHeld }), 100)
  }
} else {
  await loop()
  await ledger.close()
  process.exit(0)
}
