import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Configuration } from '@holdfast/core'
import { openLeanLedger, type AcquireRequest, type Ledger } from '@holdfast/engine/lean'
import { ReapLine } from 'holdfast/schemas'
import { WorkTree } from '../guard/work-tree.ts'

/** Times short enough for a test. */
export const QUICK = { graceMs: 100, orphanGraceMs: 100, finalisationGraceMs: 100, probeCount: 2, effectAttempts: 2 }
const LOOK_MS = 20

/** A folder with a ledger, reapers and effects that write into a journal. */
export class Shop extends WorkTree {
  readonly url = `sqlite:${join(this.root, '.holdfast', 'ledger.db')}`

  constructor() {
    super({ git: false })
  }

  open(): Promise<Ledger> {
    return openLeanLedger(this.url, { config: Configuration.parse(QUICK) })
  }

  /** What the effects wrote, a line each. */
  journal(): readonly string[] {
    const file = join(this.root, 'journal')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }

  async reap(...args: readonly string[]): Promise<{ exitCode: number; lines: ReapLine[]; stderr: string }> {
    const { exitCode, stdout, stderr } = await this.holdfast(['reap', ...args, '--json'])
    const texts = stdout.split('\n').filter(text => text !== '')
    return { exitCode, lines: texts.map(text => ReapLine.parse(JSON.parse(text))), stderr }
  }

  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) await pause(LOOK_MS)
  }
}

export async function granted(ledger: Ledger, request: AcquireRequest): Promise<number> {
  const asked = await ledger.acquire(request)
  if (asked.outcome !== 'granted') throw new Error(asked.outcome)
  return asked.lease.token
}

/** Waits until a lane's lease has expired on the log clock. */
export async function expired(ledger: Ledger, lane: string): Promise<void> {
  const lease = (await ledger.leases()).find(each => each.lane === lane)
  while ((await ledger.now()) < (lease?.expiresAtMs ?? 0)) await pause(LOOK_MS)
}
