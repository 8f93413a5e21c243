import { faultText } from '../fault-text.ts'
import { parseRegion, regionProblemText, type RegionProblem } from '../region/index.ts'
import { parserOf } from '../shape-parser.ts'
import type { Shape } from '../shape.ts'
import { WORK_TREE_PATH_LENGTH_MAX } from '../work-tree.ts'
import type { Command, CommandInput } from './command.ts'
import { AnyCommand, FrequentCommands, WithRegions } from './command-shapes.ts'

/** Characters that the globs of one command may have in all, as JSON: keeps its events below the store's limits. */
export const REGION_LENGTH_TOTAL_MAX = 64 * 1024

/** One fault of an input: which field, and what is wrong with it. */
export interface InputFault {
  readonly path: string
  readonly message: string
}

export type ParsedCommand<T extends Command['type']> =
  | { readonly ok: true; readonly command: Extract<Command, { readonly type: T }> }
  | { readonly ok: false; readonly faults: readonly InputFault[] }

/**
 * Reads a command from outside: checks every field, normalises the regions, and reports all faults at once. `decide`
 * expects commands that came through here.
 */
export function parseCommand<T extends Command['type']>(
  input: Extract<CommandInput, { readonly type: T }>,
  ledger: { readonly caseSensitive: boolean },
): ParsedCommand<T> {
  const parsed = shapeOf(input).safeParse(withShortPath(input))
  if (!parsed.success) {
    const faults = parsed.error.issues.map(issue => ({ path: issue.path.join('.'), message: faultText(issue) }))
    const named = new Set(faults.map(({ path }) => path))
    const others = regionFaults(input, ledger.caseSensitive).filter(({ path }) => !named.has(path))
    return { ok: false, faults: [...faults, ...others] }
  }
  const { command, faults } = normaliseRegions(parsed.data, ledger.caseSensitive)
  if (faults.length > 0) return { ok: false, faults }
  // Parsing keeps the discriminant: a command of type T comes back as one.
  return { ok: true, command: command as Extract<Command, { readonly type: T }> }
}

/** The path of a work tree is for people: a longer one is told by its end, and keeps nobody from asking. */
function withShortPath(input: CommandInput): CommandInput {
  const { workTree } = input.type === 'acquire' ? input : {}
  if (typeof workTree?.path !== 'string' || workTree.path.length <= WORK_TREE_PATH_LENGTH_MAX) return input
  return { ...input, workTree: { ...workTree, path: workTree.path.slice(-WORK_TREE_PATH_LENGTH_MAX) } } as CommandInput
}

/** The shape of exactly that command where it is a frequent one; else of all of them. */
function shapeOf(input: unknown): Shape<Command> {
  const type: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'type') : undefined
  return FREQUENT.get(type) ?? AnyCommand
}

const FREQUENT: ReadonlyMap<unknown, Shape<Command>> = new Map(
  Object.entries(FrequentCommands).map(([type, shape]) => [type, parserOf<Command>(shape)]),
)

/** The faults of the regions of a command that has others. */
function regionFaults(input: unknown, caseSensitive: boolean): readonly InputFault[] {
  const parsed = WithRegions.safeParse(input)
  if (!parsed.success) return []
  return parsed.data.claims.flatMap(({ region }, index) => {
    const answer = parseRegion(region, { caseSensitive })
    return answer.ok ? [] : answer.problems.map(problem => faultOf(index, problem))
  })
}

function faultOf(claim: number, problem: RegionProblem): InputFault {
  return { path: `claims.${claim}.region.${problem.index}`, message: regionProblemText(problem) }
}

function normaliseRegions(
  command: Command,
  caseSensitive: boolean,
): { readonly command: Command; readonly faults: readonly InputFault[] } {
  if (command.type !== 'acquire') return { command, faults: [] }
  const faults: InputFault[] = []
  const claims = command.claims.map((claim, index) => {
    const parsed = parseRegion(claim.region, { caseSensitive })
    if (parsed.ok) return { ...claim, region: [...parsed.region.globs] }
    faults.push(...parsed.problems.map(problem => faultOf(index, problem)))
    return claim
  })
  const length = claims.flatMap(({ region }) => region).reduce((sum, glob) => sum + JSON.stringify(glob).length, 0)
  if (length > REGION_LENGTH_TOTAL_MAX) {
    const message = `the regions of one request may have ${REGION_LENGTH_TOTAL_MAX} characters of JSON in all, these have ${length}`
    faults.push({ path: 'claims', message })
  }
  return { command: { ...command, claims }, faults }
}
