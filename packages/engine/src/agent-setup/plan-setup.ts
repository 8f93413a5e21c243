import { existsSync, realpathSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { InputError } from '../input-error.ts'
import { whereItLeads } from '../where-it-leads.ts'
import { isWithin } from '../which-ledger/within.ts'
import { applyChange } from '../write-guard/planned-change.ts'
import { agentFiles, agentFolder, type SetupPlace, type Wanted } from './agent-files.ts'
import { AGENT_NAMES, type AgentName } from './agent-name.ts'
import type { SetupFile } from './contribution.ts'
import { planFile, textIn, type FilePlan } from './file-plan.ts'
import { hookMark, HOOK_SET } from './hook-entries.ts'
import { hooksText } from './program-seen.ts'
import { installationAt, recordInstallation, type Installation } from './setup-record.ts'

const MODE = 0o644

/** The part of the local configuration by which a first edit leases its file. */
const CLAIMS = { form: 'default', path: ['guard', 'unclaimed'], value: 'claim' } as const

export interface SetupQuestion extends SetupPlace {
  readonly wanted: Wanted
  /** Agents whose files are planned. */
  readonly agents: readonly AgentName[]
  readonly remove: boolean
}

export interface SetupPlan {
  readonly files: readonly (FilePlan & { readonly agents: readonly AgentName[] })[]
  /** The agents that are set up when it is done. */
  readonly left: readonly AgentName[]
}

/**
 * Plans what setup writes. Nothing is written; a fault in one file leaves all of them as they are.
 *
 * @throws InputError for a file that is torn, or that leads out of the project and the home.
 */
export async function planSetup(question: SetupQuestion): Promise<SetupPlan> {
  const { agents, remove, scope, root } = question
  const known = installationAt(question)
  const present = agentsPresent(question)
  const left = AGENT_NAMES.filter(name => (agents.includes(name) ? !remove : present.includes(name)))
  const tagged = AGENT_NAMES.flatMap(agent =>
    agentFiles(agent, question, question.wanted).map(each => ({ ...each, agent })),
  )
  const touched = new Set(tagged.filter(({ agent }) => agents.includes(agent)).map(({ file }) => file))
  const files = await Promise.all(
    [...touched].map(async file => {
      await demandInside(file, question)
      const here = tagged.filter(each => each.file === file)
      const all: SetupFile = { file, contributions: here.flatMap(({ contributions }) => contributions) }
      const wanted = here.filter(({ agent }) => left.includes(agent)).flatMap(({ contributions }) => contributions)
      const users = here.map(({ agent }) => agent).filter(agent => agents.includes(agent))
      const isSetUp = here.some(({ agent }) => present.includes(agent))
      const asked = { wanted: { file, contributions: wanted }, all, known: known?.files[file], isSetUp }
      return { ...planFile(asked), agents: users }
    }),
  )
  if (scope === 'user') return { files, left }
  const file = join(root, 'holdfast.config.json')
  await demandInside(file, question)
  const all: SetupFile = { file, contributions: [CLAIMS] }
  const wanted: SetupFile = { file, contributions: left.length === 0 ? [] : [CLAIMS] }
  const config = planFile({ wanted, all, known: known?.files[file], isSetUp: present.length > 0 })
  return { files: [...files, { ...config, agents: [] }], left }
}

/** The agents that are set up here: by the record, or by hooks that stand in the files, as in a clone. */
export function agentsPresent(place: SetupPlace): readonly AgentName[] {
  const recorded = installationAt(place)?.agents ?? []
  return AGENT_NAMES.filter(agent => recorded.includes(agent) || hooksSeen(agent, place) >= SET_AT_LEAST)
}

/** `guard install` enters one; more of them are a setup. */
const SET_AT_LEAST = 2

function hooksSeen(agent: AgentName, place: SetupPlace): number {
  const seen = (hooksText(agent, place) ?? '').split(hookMark(agent)).length - 1
  return agent === 'opencode' ? seen * SET_AT_LEAST : seen
}

/** Nothing is written outside, wherever links lead. */
async function demandInside(file: string, place: SetupPlace): Promise<void> {
  const leads = await whereItLeads(file)
  const { root, home, scope } = place
  // What a variable of the agent names is meant by the user, wherever it is.
  const named = AGENT_NAMES.map(agent => agentFolder(agent, place)).filter(folder => !isWithin(folder, home))
  const allowed = [root, home, ...(scope === 'user' ? named : [])]
  if (allowed.some(folder => isWithin(leads, existsSync(folder) ? realpathSync(folder) : folder))) return
  const message = `leads to ${leads}, outside of the project and of your home: nothing is written there`
  throw new InputError([{ path: file, message }])
}

/**
 * Does what was planned, each file at once or not at all. A file that somebody has changed since it was planned is left alone,
 * and so are those behind it.
 *
 * @throws InputError for such a file, and where something cannot be written.
 */
export async function applySetup(
  question: SetupQuestion,
  plan: SetupPlan,
): Promise<{ readonly notes: readonly string[] }> {
  const known = installationAt(question)
  const changes = plan.files.filter(({ before, after }) => before !== after)
  const next = installationOf(question, plan, known)
  // What is recorded and was not written does no harm; what was written and is not recorded cannot be taken back whole.
  const notes = next === null ? [] : await recorded(question, next)
  for (const { file, before, after } of changes) {
    if (textIn(file) !== before) {
      throw new InputError([{ path: file, message: 'was changed by somebody else just now; run this again' }])
    }
    await applyChange({ file, before, after, newMode: MODE, text: '', notes: [] })
  }
  removeFolders(known, plan)
  return { notes: next === null ? await recorded(question, null) : notes }
}

function installationOf(question: SetupQuestion, plan: SetupPlan, known: Installation | null): Installation | null {
  if (plan.left.length === 0) return null
  const planned = new Set(plan.files.map(({ file }) => file))
  const others = Object.entries(known?.files ?? {}).filter(([file]) => !planned.has(file))
  const written = plan.files.flatMap(({ file, written: each }) => (each === null ? [] : [[file, each] as const]))
  const folders = plan.files.flatMap(({ file, before }) => (before === null ? foldersMissing(file, question) : []))
  return {
    hookSet: HOOK_SET,
    program: question.wanted.program,
    agents: [...plan.left],
    files: Object.fromEntries([...others, ...written].map(([file, each]) => [file, copied(each)])),
    madeFolders: [...new Set([...(known?.madeFolders ?? []), ...folders])],
  }
}

function copied({ sha256, undo, defaults }: NonNullable<FilePlan['written']>): Installation['files'][string] {
  return { sha256, undo: undo === null ? null : [...undo], defaults: defaults.map(path => [...path]) }
}

async function recorded(place: SetupPlace, installation: Installation | null): Promise<readonly string[]> {
  const untold = 'so `holdfast setup --remove` takes out its own entries and does not bring every byte back'
  try {
    return (await recordInstallation(place, installation)) || installation === null
      ? []
      : [`there is no place to record what was written, ${untold}`]
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return installation === null ? [] : [`what was written could not be recorded (${error.message}), ${untold}`]
  }
}

function foldersMissing(file: string, { root, home, scope }: SetupPlace): readonly string[] {
  const base = scope === 'project' ? root : home
  const missing: string[] = []
  for (let folder = dirname(file); folder !== base && isWithin(folder, base); folder = dirname(folder)) {
    if (!existsSync(folder)) missing.push(folder)
  }
  return missing
}

/** Folders that were made for files that are gone, the inner ones first. */
function removeFolders(known: Installation | null, plan: SetupPlan): void {
  const isGone = plan.files.filter(({ before, after }) => before !== null && after === null)
  const folders = (known?.madeFolders ?? []).filter(folder => isGone.some(({ file }) => isWithin(file, folder)))
  for (const folder of folders.toSorted((a, b) => b.length - a.length)) {
    try {
      rmdirSync(folder)
    } catch {
      // Somebody else keeps something in it.
    }
  }
}
