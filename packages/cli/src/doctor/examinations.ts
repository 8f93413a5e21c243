import { clocks } from './clocks.ts'
import type { Examination } from './examination.ts'
import { files } from './files.ts'
import { hooks } from './hooks.ts'
import { leases } from './leases.ts'
import { log } from './log.ts'
import { place } from './place.ts'
import { surroundings } from './surroundings.ts'

/** What `doctor` looks at, in the order of its answer. A group that looks at more is a file and a line here. */
export const EXAMINATIONS: readonly Examination[] = [surroundings, place, files, log, leases, hooks, clocks]
