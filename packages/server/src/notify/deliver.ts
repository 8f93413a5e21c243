import { command } from './command.ts'
import type { Deliver } from './delivery.ts'
import type { NotifyRule } from './rules.ts'
import { webhook } from './webhook.ts'

/** Tries of a webhook. A command is started once: it is here, and fails for reasons of its own. */
export const WEBHOOK_TRIES = 6

/** The way that a rule names, and how often it is tried. */
export function deliverOf(rule: NotifyRule): { readonly deliver: Deliver; readonly tries: number } {
  if (rule.webhook !== undefined) return { deliver: webhook(rule.webhook), tries: WEBHOOK_TRIES }
  return { deliver: command(rule.command ?? []), tries: 1 }
}
