import { randomUUID } from 'node:crypto'
import { systemTimers } from '@holdfast/engine'
import { deliverOf } from './deliver.ts'
import type { Delivery } from './delivery.ts'
import { sampleNotice, type Notice } from './notice.ts'
import { timeLimitMs, type NotifyRule } from './rules.ts'

export interface Sampled {
  readonly notice: Notice
  readonly outcome: Delivery['outcome']
  readonly detail: string
}

/** Tells a rule a notice of nothing, once. Never rejects. */
export async function trySample(name: string, rule: NotifyRule, signal: AbortSignal): Promise<Sampled> {
  const notice = sampleNotice(name, rule, { nowMs: Date.now(), id: randomUUID() })
  const { deliver } = deliverOf(rule)
  const { outcome, detail } = await deliver(notice, { timers: systemTimers, limitMs: timeLimitMs(rule), signal })
  return { notice, outcome, detail }
}
