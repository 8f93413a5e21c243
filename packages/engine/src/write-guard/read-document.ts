import type { DocumentHook } from './hook-shape.ts'
import { HookInputError } from './hook-input-error.ts'

/** Paths that one tool call may name. */
const PATHS_MAX = 10_000

/** What a hook's document asks for. `paths` are as written, relative to `directory`. */
export type HookRequest =
  | { readonly asks: 'writes'; readonly tool: string; readonly paths: readonly string[]; readonly directory?: string }
  /** A tool that does not write, as far as the shape knows. */
  | { readonly asks: 'nothing'; readonly tool: string }

/**
 * Reads what a coding agent is about to write.
 *
 * @throws HookInputError for everything that leaves open what would be written.
 */
export function readDocument(shape: DocumentHook, text: string): HookRequest {
  const document = parsed(text)
  const [tool] = valuesAt(document, shape.tool)
  if (typeof tool !== 'string') throw new HookInputError(`${shape.tool}: the document names no tool`)
  if (!shape.writers.includes(tool)) return { asks: 'nothing', tool }
  const found = shape.paths.flatMap(place => valuesAt(document, place).map(value => ({ place, value })))
  if (found.length === 0) {
    throw new HookInputError(`${shape.paths.join(' or ')}: the tool ${JSON.stringify(tool)} names no path`)
  }
  if (found.length > PATHS_MAX) throw new HookInputError(`one tool call may name at most ${PATHS_MAX} paths`)
  const paths = found.map(({ place, value }) => {
    if (typeof value === 'string' && value !== '') return value
    throw new HookInputError(`${place}: ${JSON.stringify(value)} is no path`)
  })
  return { asks: 'writes', tool, paths: [...new Set(paths)], ...directoryOf(document, shape) }
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

function directoryOf(document: unknown, { directory: place }: DocumentHook): { readonly directory?: string } {
  if (place === undefined) return {}
  const [directory] = valuesAt(document, place)
  if (directory === undefined) return {}
  if (typeof directory === 'string' && directory !== '') return { directory }
  throw new HookInputError(`${place}: ${JSON.stringify(directory)} is no folder`)
}

/** All values at a place; what is absent is left out. */
function valuesAt(document: unknown, place: string): readonly unknown[] {
  return place.split('.').reduce<readonly unknown[]>(
    (values, step) => {
      const list = step.endsWith('[]')
      const name = list ? step.slice(0, -2) : step
      const next = values.flatMap(value => memberOf(value, name))
      return list ? next.flatMap(value => (Array.isArray(value) ? (value as readonly unknown[]) : [])) : next
    },
    [document],
  )
}

function memberOf(value: unknown, name: string): readonly unknown[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return []
  const member: unknown = Reflect.get(value, name)
  return member === undefined || member === null ? [] : [member]
}
