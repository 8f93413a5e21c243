import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOOKS, type DocumentHook } from '@holdfast/engine/write-guard'
import * as z from 'zod'

/** A document as its agent's documentation has it, and what it means. */
const Recorded = z.object({
  expect: z.strictObject({
    kind: z.string(),
    session: z.string(),
    subagent: z.string().nullable(),
    asks: z.string(),
    paths: z.array(z.string()).optional(),
    command: z.string().optional(),
    timeoutMs: z.number().optional(),
    waits: z.string().optional(),
  }),
  document: z.record(z.string(), z.json()),
})
export type Recorded = z.infer<typeof Recorded>

export const AGENTS = ['claude-code', 'codex', 'cursor', 'gemini-cli', 'opencode'] as const
export type Agent = (typeof AGENTS)[number]

export function recorded(agent: Agent): readonly Recorded[] {
  const text = readFileSync(join(import.meta.dirname, 'documents', `${agent}.json`), 'utf8')
  return z.array(Recorded).parse(JSON.parse(text))
}

export function shapeOf(agent: Agent): DocumentHook {
  const shape = HOOKS[agent]
  if (shape?.source !== 'document') throw new Error(`${agent} reads no document`)
  return shape
}
