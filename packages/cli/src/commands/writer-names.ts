import type { CommandName } from '../program/summaries.ts'

/** The commands that write one thing and end: the published program starts them apart too. */
export const WRITER_NAMES = [
  'acquire',
  'claim',
  'heartbeat',
  'release',
  'adopt',
  'scavenge',
  'halt',
  'spawn',
] as const satisfies readonly CommandName[]

export type WriterName = (typeof WRITER_NAMES)[number]

export function isWriter(word: string | null): word is WriterName {
  return WRITER_NAMES.some(name => name === word)
}

/**
 * Whether a line may mean a store on a server. The adapter for one is a part of the whole program, and so must be what it
 * shares with the engine: the deadline of a call above all.
 */
export function namesServer(texts: readonly string[]): boolean {
  return texts.some(text => /esdb/i.test(text))
}

/** Whether a line may mean a store by the socket or the address of its server, which only the whole program asks. */
export function namesSocket(texts: readonly string[]): boolean {
  return texts.some(text => /^(--store=)?(unix|https?):/i.test(text))
}
