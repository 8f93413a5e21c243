import { isDeepStrictEqual } from 'node:util'
import type { SetupPlace } from './agent-files.ts'
import type { AgentName } from './agent-name.ts'
import { InputError } from '../input-error.ts'
import { hookMark, HOOK_SET } from './hook-entries.ts'
import { agentsPresent, planSetup } from './plan-setup.ts'
import { programSeen } from './program-seen.ts'
import { programOf, type SetupProgram } from './program.ts'
import { installationAt } from './setup-record.ts'

/** Something that setup wrote and that is not as it was written. */
export interface SetupDrift {
  readonly agent: AgentName
  readonly file: string
  /** As a part of a sentence. */
  readonly fault: string
}

/** What of a setup is gone, or other than this version writes it. Nothing is found where nothing was set up. */
export async function setupDrift(place: SetupPlace, skill: string): Promise<readonly SetupDrift[]> {
  const known = installationAt(place)
  const found: SetupDrift[] = []
  for (const agent of agentsPresent(place)) {
    const program = known?.program ?? programSeen(agent, place) ?? { by: 'path' }
    const wanted = { program, skill }
    const question = { ...place, wanted, agents: [agent], remove: false }
    try {
      const { files } = await planSetup(question)
      const isOlder = known !== null && known.hookSet < HOOK_SET
      for (const { file, before, after } of files.filter(each => each.before !== each.after)) {
        found.push({ agent, file, fault: faultOf({ before, after, isOlder, agent, program }) })
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      found.push({ agent, file: error.faults[0]?.path ?? place.root, fault: error.faults[0]?.message ?? error.message })
    }
  }
  // Files that several agents read are told of once.
  return found.filter((each, index) => found.findIndex(({ file }) => isDeepStrictEqual(file, each.file)) === index)
}

interface Fault {
  readonly before: string | null
  readonly after: string | null
  readonly isOlder: boolean
  readonly agent: AgentName
  readonly program: SetupProgram
}

function faultOf({ before, isOlder, agent, program }: Fault): string {
  if (before === null) return 'it is not there any more'
  if (isOlder) return 'an older version of holdfast wrote it, with another set of hooks'
  const mark = hookMark(agent)
  const own = `"${JSON.stringify(programOf(program, agent)).slice(1, -1)}${mark}`
  const [marks, calls] = [mark, own].map(words => before.split(words).length - 1)
  if (Number(marks) > Number(calls)) return 'its hooks call the program by another path than setup wrote'
  return 'entries that setup wrote are gone from it, or were changed'
}
