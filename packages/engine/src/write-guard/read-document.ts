import { firstAt, valuesAt } from './document-values.ts'
import type { DocumentHook } from './hook-shape.ts'
import { HookInputError } from './hook-input-error.ts'
import { readEvent, type HookEventSeen } from './read-event.ts'
import { patchPaths } from './patch-paths.ts'
import { isNamed } from './tool-name.ts'

/** Paths that one tool call may name. */
const PATHS_MAX = 10_000

/** A command that a shell is to run. */
export interface ShellCall {
  readonly command: string
  /** As written, relative to the document's folder; absent: that folder. */
  readonly directory?: string
  /** How long it may take, where the call says so. */
  readonly timeoutMs?: number
}

/** What a hook's document asks for. `paths` are as written, relative to `directory`. */
export type HookRequest =
  | { readonly asks: 'writes'; readonly tool: string; readonly paths: readonly string[]; readonly directory?: string }
  /** A tool that does not write, as far as the shape knows; an event without a tool goes by its own name. */
  | { readonly asks: 'nothing'; readonly tool: string }

/** All that a document says. */
export interface HookDocument {
  readonly seen: HookEventSeen
  readonly request: HookRequest
  /** As written; absent: the folder of the hook's own process. */
  readonly directory?: string
  /** The command that the tool is about to run, or has run; what it writes is for others to tell. */
  readonly shell: ShellCall | null
  /** The agent's own name of the call; `null`: it has none, and makes one call at a time. */
  readonly call: string | null
}

/**
 * Reads what a coding agent is about to write.
 *
 * @throws HookInputError for everything that leaves open what would be written.
 */
export function readDocument(shape: DocumentHook, text: string): HookRequest {
  return readHook(shape, text).request
}

/**
 * Reads a document of a coding agent, whatever event it is about.
 *
 * @throws HookInputError for everything that leaves open what would be written, and for what is no document.
 */
export function readHook(shape: DocumentHook, text: string): HookDocument {
  const document = parsed(text)
  const seen = readEvent(shape, document)
  // What nobody knows yet may be about a tool that is about to run.
  const isBefore = seen.kind === 'before-tool' || seen.kind === 'unknown'
  const tool = toolOf(document, shape, seen)
  if (tool === null && seen.kind === 'before-tool') {
    throw new HookInputError(`${shape.tool}: the document names no tool`)
  }
  const places = isBefore && tool !== null ? placesOf(shape, tool) : null
  const directory = directoryOf(document, shape)
  const request: HookRequest =
    places === null || tool === null
      ? { asks: 'nothing', tool: tool ?? seen.name ?? '' }
      : { asks: 'writes', tool, paths: pathsAt(document, tool, places), ...directory }
  const isRun = tool !== null && places === null && (isBefore || seen.kind === 'after-tool')
  const call = firstAt(document, shape.call ?? [])
  return {
    seen,
    request,
    ...directory,
    shell: isRun ? shellOf(document, shape, { tool, isBefore }) : null,
    call: typeof call === 'string' ? call : null,
  }
}

function parsed(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text)
    return document
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HookInputError(`standard input holds no JSON document: ${why}`, { cause })
  }
}

function toolOf(document: unknown, shape: DocumentHook, seen: HookEventSeen): string | null {
  const [tool] = valuesAt(document, shape.tool)
  if (typeof tool === 'string') return tool
  if (tool === undefined) return seen.tool ?? null
  if (seen.kind !== 'before-tool' && seen.kind !== 'unknown') return null
  throw new HookInputError(`${shape.tool}: the document names no tool`)
}

interface Places {
  readonly paths: readonly string[]
  readonly patches: readonly string[]
}

/** Where a tool that writes names what; `null`: it does not write, as far as the shape knows. */
function placesOf(shape: DocumentHook, tool: string): Places | null {
  if (isNamed(tool, shape.writers)) return { paths: shape.paths, patches: [] }
  return shape.tools?.find(({ names }) => isNamed(tool, names)) ?? null
}

function pathsAt(document: unknown, tool: string, places: Places): readonly string[] {
  const named = places.paths.flatMap(place => valuesAt(document, place).map(value => ({ place, value })))
  const patched = places.patches.flatMap(place =>
    valuesAt(document, place).flatMap(value => (typeof value === 'string' ? patchPaths(value) : [])),
  )
  if (named.length + patched.length === 0) {
    const where = [...places.paths, ...places.patches].join(' or ')
    throw new HookInputError(`${where}: the tool ${JSON.stringify(tool)} names no path`)
  }
  if (named.length + patched.length > PATHS_MAX) {
    throw new HookInputError(`one tool call may name at most ${PATHS_MAX} paths`)
  }
  const paths = named.map(({ place, value }) => {
    if (typeof value === 'string' && value !== '') return value
    throw new HookInputError(`${place}: ${JSON.stringify(value)} is no path`)
  })
  return [...new Set([...paths, ...patched])]
}

function directoryOf(document: unknown, { directory: place }: DocumentHook): { readonly directory?: string } {
  if (place === undefined) return {}
  const [directory] = valuesAt(document, place)
  // An agent that names no folder may send an empty one.
  if (directory === undefined || directory === '') return {}
  if (typeof directory === 'string') return { directory }
  throw new HookInputError(`${place}: ${JSON.stringify(directory)} is no folder`)
}

function shellOf(
  document: unknown,
  { shell }: DocumentHook,
  { tool, isBefore }: { readonly tool: string; readonly isBefore: boolean },
): ShellCall | null {
  if (shell === undefined || !isNamed(tool, shell.tools)) return null
  const given = firstAt(document, shell.command)
  const command = commandText(given)
  if (command === null) {
    // A shell tool may also be asked for what it has printed so far.
    if (given === undefined || !isBefore) return null
    throw new HookInputError(`${shell.command.join(' or ')}: ${JSON.stringify(given)} is no command`)
  }
  const directory = firstAt(document, shell.directory)
  const timeoutMs = timeoutOf(document, shell.timeout)
  return {
    command,
    ...(typeof directory === 'string' && directory !== '' ? { directory } : {}),
    ...(timeoutMs === null ? {} : { timeoutMs }),
  }
}

/** Some agents hand on the words of a command and not its text. `null`: it is no command. */
function commandText(given: unknown): string | null {
  if (typeof given === 'string') return given
  if (!Array.isArray(given) || !given.every(word => typeof word === 'string')) return null
  return given.map(word => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ')
}

/** Means the same to a shell without quotes. */
const PLAIN_WORD = /^[\w@%+:,./-]+$/

function timeoutOf(document: unknown, timeout: NonNullable<DocumentHook['shell']>['timeout']): number | null {
  if (timeout === undefined) return null
  const [given] = valuesAt(document, timeout.field)
  if (typeof given !== 'number' || !Number.isFinite(given) || given <= 0) return null
  const spanMs = Math.floor(timeout.unit === 's' ? given * 1000 : given)
  return Number.isSafeInteger(spanMs) ? spanMs : null
}
