import { Token } from '@holdfast/core'
import * as z from 'zod'
import { NextStep } from './next-step.ts'

/** What can be done, what helps most first. */
const next = z.array(NextStep)

/** No live lease of that holder on that lane (exit 4). */
export const NotHeld = z.object({ outcome: z.literal('not-held'), next })

/** The lane is leased, under other tokens (exit 4). */
export const StaleToken = z.object({ outcome: z.literal('stale-token'), tokens: z.array(Token), next })

/** Too many commands wait; send it again (exit 5). */
export const QueueFull = z.object({ outcome: z.literal('queue-full') })
