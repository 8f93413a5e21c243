import type { Look } from './look.ts'
import type { Field, ShellState } from './state.ts'
import type { Gathered } from './writes.ts'

/** One program that is about to be started. */
export interface Call {
  readonly name: string
  readonly words: readonly Field[]
  readonly state: ShellState
  readonly look: Look
  /** What comes in on standard input; `null`: not known, or nothing. */
  readonly input: Field
  readonly found: Gathered
  /** Starts another program in this one's place. Answers what it prints. */
  start(words: readonly Field[], how?: { readonly state?: ShellState; readonly input?: Field }): Field
  /** Runs a text as a shell would. Answers what it prints. */
  run(text: string, how: { readonly state: ShellState; readonly input?: Field }): Field
}

/** What a program writes is told to `found`; the answer is what it prints, `null`: not known. */
export type Program = (call: Call) => Field

/** Notes that a word names a place which is written. */
export function writes(call: Call, word: Field, extent: 'file' | 'tree' = 'file'): void {
  const path = call.state.path(word)
  if (path === null) unknownTarget(call)
  else call.found.target({ path, extent, by: call.name })
}

/** Notes that a known writer's target cannot be told. */
export function unknownTarget({ name, words, found }: Pick<Call, 'name' | 'words' | 'found'>): void {
  found.unresolved([name, ...words.map(word => word ?? '?')].join(' ').slice(0, TOLD_LENGTH_MAX), 'target')
}

/** Longest piece of a command that is repeated. */
export const TOLD_LENGTH_MAX = 120

/** Whether a word leads to a folder, which the command itself may have made. */
export function isFolder({ state, look }: Pick<Call, 'state' | 'look'>, path: string): boolean {
  return look.kind(path) === 'folder' || state.made.has(path)
}

/** A word as it has to be typed to stand for itself. */
export function quoted(word: Field): string {
  return word === null ? '"$HOLDFAST_NOT_KNOWN"' : `'${word.replaceAll("'", `'\\''`)}'`
}
