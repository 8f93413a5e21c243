import type { NotHeld, StaleToken } from '@holdfast/core'
import type { NextStep } from '../schemas/next-step.ts'
import { notHeldSteps, type NotHeldRequest } from './not-held-steps.ts'

type NotHeldAnswer =
  | { readonly outcome: 'not-held'; next: NextStep[] }
  | { readonly outcome: 'stale-token'; tokens: StaleToken['tokens'][number][]; next: NextStep[] }

/** That no lease is live at a token, in the form of the answers, with what can be done about it. */
export function notHeldAnswer(found: NotHeld | StaleToken, request: NotHeldRequest): NotHeldAnswer {
  const next = notHeldSteps(found, request)
  if (found.outcome === 'not-held') return { outcome: 'not-held', next }
  return { outcome: 'stale-token', tokens: [...found.tokens], next }
}
