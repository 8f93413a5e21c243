import { overlap as overlapOf, regionProblemText, type Region } from '@holdfast/core'
import { RegionReader } from '@holdfast/core/internal'
import * as z from 'zod'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { firstFaults } from '../input/faults.ts'
import { collect } from '../input/flag-values.ts'
import { plain } from '../print/plain.ts'
import { tone } from '../print/tone.ts'
import { answerLines } from '../program/answer-lines.ts'
import { examples, type Define } from '../program/define.ts'
import type { OverlapAnswer } from '../schemas/judge.ts'

interface OverlapFlags {
  readonly a?: readonly string[]
  readonly b?: readonly string[]
  readonly stdin?: boolean
  readonly caseSensitive?: boolean
}

const Pair = z.object({ a: z.array(z.string()), b: z.array(z.string()) })

/** `overlap`: whether two regions share a path, and one that they share. Opens no store. */
export const overlap: Define = (command, shell) => {
  command
    .option('--a <glob>', 'glob of the first region; repeat for more', collect)
    .option('--b <glob>', 'glob of the second region; repeat for more', collect)
    .option('--stdin', 'JSON lines {"a": [...], "b": [...]} in, JSON lines out')
    .option('--case-sensitive', 'paths that differ only in case are different')
  examples(command, "holdfast overlap --a 'src/**' --b '**/*.test.ts'", 'holdfast overlap --stdin < pairs.jsonl')
  shell.does(command, async ({ a, b, stdin, caseSensitive = false }: OverlapFlags) => {
    const regions = new RegionReader({ caseSensitive })
    if (stdin === true) {
      if (a !== undefined || b !== undefined) throw new UsageError('stdin: give --a and --b or --stdin, not both.')
      return answerLines(shell, document => compare(document, regions))
    }
    if (a === undefined || b === undefined) {
      throw new UsageError(`${a === undefined ? 'a' : 'b'} is missing; name a glob of each region with --a and --b.`)
    }
    await shell.answer(compare({ a, b }, regions), lines)
    return EXIT.done
  })
}

function compare(document: unknown, regions: RegionReader): OverlapAnswer {
  const pair = Pair.safeParse(document)
  if (!pair.success) throw new UsageError(firstFaults(pair.error))
  const { a, b } = pair.data
  return overlapOf({ a: readRegion(regions, a, 'a'), b: readRegion(regions, b, 'b') })
}

function lines({ overlap, witness, bounded }: OverlapAnswer): readonly string[] {
  if (!overlap) return [tone.good('disjoint')]
  if (bounded === true) return [`${tone.warn('overlap')}  assumed: not decided within bounds`]
  return [`${tone.bad('overlap')}  both cover ${plain(witness ?? '')}`]
}

/** The region of these globs. Throws a `UsageError` that names `field` and each glob that cannot be read. */
export function readRegion(regions: RegionReader, globs: readonly string[], field: string): Region {
  const parsed = regions.read(globs)
  if (parsed.ok) return parsed.region
  const problems = parsed.problems.map(problem => `${field}.${problem.index}: ${regionProblemText(problem)}`)
  throw new UsageError(`${problems.join('; ')}.`)
}
