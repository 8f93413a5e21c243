import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import type { Shape } from '@holdfast/core/internal'
import { isNamed, workTreeAt, type WhichLedger } from '@holdfast/engine/which-ledger'
import {
  checkWrites,
  commitHome,
  GUARD_DEFAULTS,
  guardedPath,
  guardedRoot,
  isBypassed,
  ledgersToAsk,
  namedPath,
  readHook,
  recordBypass,
  stagedPaths,
  type Bypass,
  type DocumentHook,
  type GuardSettings,
  type HookDocument,
  type HookRequest,
  type HookShape,
  type WriteAnswer,
  type Writer,
} from '@holdfast/engine/write-guard'
import { instantOf } from '@holdfast/projections'
import type { Command } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { failureOf } from '../failure/failure.ts'
import { UsageError } from '../failure/usage-error.ts'
import { configurationFile } from '../input/configuration-file.ts'
import type { CommandRequest } from '../input/command-request.ts'
import { environment, workingFolder } from '../input/environment.ts'
import { firstFaults } from '../input/faults.ts'
import { wholeNumber } from '../input/flag-values.ts'
import { GuardAlone } from '../input/guard-configuration-shapes.ts'
import { hookShape } from '../input/hook-shape.ts'
import { holderOption, tokenOption, type HolderFlag, type TokenFlag } from '../input/ownership-flags.ts'
import { readInput } from '../input/read-input.ts'
import { readJson } from '../input/read-json.ts'
import type { Looking } from '../trespass/foreign-files.ts'
import type { Watching } from '../trespass/watch-call.ts'
import { writtenBy } from '../input/written-by.ts'
import { WriterHolder, WriterToken } from '../input/writer-shapes.ts'
import type { Typing } from '../print/guard-advice.ts'
import { guardLines } from '../print/guard-lines.ts'
import { askFurtherLedgers, type RefusedBy } from '../program/ask-further-ledgers.ts'
import { notMovedAway } from '../program/check-meant.ts'
import { examples } from '../program/define.ts'
import { judgedTrees } from '../program/judged-trees.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { Globals } from '../program/typed-line.ts'
import type { GuardAnswer, GuardedPlace } from '../schemas/guard.ts'
import type { AgentCall } from '../session/agent-call.ts'

interface CheckFlags extends HolderFlag, TokenFlag {
  readonly hook?: string
  readonly root?: string
  readonly watch?: boolean
}

/** Ends a hook whose shape is not known: every protocol that we know of blocks on it. */
const BLOCKED = 2

const WAY_OUT = 'HOLDFAST_GUARD=off lets writes through unseen, and is logged.'

/** `guard check`: whether paths may be written now. What follows the answer can be late: a sample, no lock. */
export function defineCheck(command: Command, shell: Shell): void {
  command
    .argument('[path...]', 'files to be written; with --hook they come from the hook')
    .option(
      '--hook <name>',
      'read and answer like this hook: git, claude-code, codex, cursor, gemini-cli, opencode, one from the configuration, or a file',
    )
    .option('--root <dir>', 'what regions are relative to (default: the top of the git work tree)')
    .option('--watch', 'with --hook: note what stands in regions of others, for `guard after`')
    .addOption(holderOption('who writes; without one every lease is somebody else’s'))
    .addOption(tokenOption())
  examples(
    command,
    'holdfast guard check --holder agent-7 src/api/x.ts && edit src/api/x.ts',
    `echo '{"tool_name":"Write","tool_input":{"file_path":"a.ts"}}' | holdfast guard check --hook claude-code`,
  )
  const asked = async (paths: readonly string[], flags: CheckFlags): Promise<number> => {
    if (isBypassed(process.env)) return bypassed(shell, paths, flags)
    return flags.hook === undefined ? checked(shell, paths, flags, null) : asHook(shell, paths, flags, flags.hook)
  }
  // A server that does not answer is one more reason to refuse, in the words of the hook.
  shell.does(command, asked, { names: 'itself' })
}

export async function bypassed(shell: Shell, paths: readonly string[], flags: CheckFlags): Promise<number> {
  const about = { at: instantOf(Date.now()), holder: flags.holder ?? null, hook: flags.hook ?? null }
  const log = recordedBypass(shell, { ...about, pid: process.pid, paths })
  shell.out.remark(
    `holdfast guard: off, nothing was checked; ${log === null ? 'it could not be logged' : `logged in ${log}`}`,
  )
  const answer: GuardAnswer = { guard: 'off', permitted: true, log, paths: [...paths] }
  if (shell.json) await shell.answer(answer, () => [])
  return EXIT.done
}

/** The way out stays open where nothing can be recorded, as in a folder that is there no more. */
function recordedBypass(shell: Shell, bypass: Omit<Bypass, 'directory'>): string | null {
  try {
    return recordBypass(shell.which.url, { ...bypass, directory: workingFolder() })
  } catch (error) {
    if (failureOf(error).code === 'unexpected') throw error
    return null
  }
}

/** Whatever goes wrong keeps the write from happening, in the words of the hook's protocol. */
async function asHook(shell: Shell, paths: readonly string[], flags: CheckFlags, name: string): Promise<number> {
  let shape: HookShape | undefined
  try {
    const settings = await guardSettings(shell)
    shape = await hookShape(name, settings)
    if (paths.length > 0) throw new UsageError('paths: the hook names them; leave them out.')
    return shape.source === 'document'
      ? await atDocument(shell, flags, { name, shape, settings })
      : await checked(shell, [], flags, shape)
  } catch (error) {
    shell.out.fail(error, shell.json)
    if (!shell.json) shell.out.remark(`holdfast guard: the write is refused, for it could not be judged. ${WAY_OUT}`)
    return shape?.refusedExitCode ?? BLOCKED
  }
}

/** A document of a session of an agent is more than a question: the session goes on by it. */
async function atDocument(
  shell: Shell,
  flags: CheckFlags,
  { name, shape, settings }: { readonly name: string; readonly shape: DocumentHook; readonly settings: GuardSettings },
): Promise<number> {
  const { agentHook, endedInTime, readInTime } = await import('./agent-hook.ts')
  const hook = readHook(shape, await readInTime(settings.timeout))
  if (hook.seen.who === null) {
    return endedInTime(shell, settings.timeout, {
      work: checked(shell, [], flags, shape, hook),
      late: said => {
        shell.out.remark(`${said} The write is refused, for it could not be judged. ${WAY_OUT}`)
        return shape.refusedExitCode
      },
    })
  }
  const agent = basename(name, '.json')
  const otherwise = (): Promise<number> => checked(shell, [], flags, shape, hook)
  return agentHook(shell, { hook, shape, agent, policy: settings, otherwise, ...given(flags) })
}

function given({ holder, token, root }: CheckFlags): Pick<AgentCall, 'holder' | 'token' | 'root'> {
  return { holder: holder === '' ? undefined : holder, token, root }
}

async function checked(
  shell: Shell,
  named: readonly string[],
  flags: CheckFlags,
  shape: HookShape | null,
  hook?: HookDocument,
): Promise<number> {
  await shell.nameServedStore()
  const settings = await guardSettings(shell)
  const policy = shape?.source === 'git-staged' ? ofCommits(settings) : settings
  const root = flags.root === undefined ? shell.which.root : guardedRoot(flags.root, workingFolder())
  const writer = writerOf(flags, shell, root)
  const asked = await requested(named, shape, {
    hook,
    root,
    folder: flags.root === undefined ? workingFolder() : root,
    watches: flags.watch === true,
  })
  if (asked.asks === 'nothing') {
    if (shell.json) await shell.answer<GuardAnswer>({ guard: 'idle', permitted: true, tool: asked.tool }, () => [])
    return EXIT.done
  }
  await using ledger = await openFold(shell)
  const { which } = shell
  const { at, fold, nowMs, ownClock } = ledger
  const { home, trees, unresolved } = asked
  const further = ledgersToAsk(which, { root, paths: asked.paths, staged: shape?.source === 'git-staged', home })
  const refusals = await askFurtherLedgers(further, writer, { url: which.url, name: shell.globals.ledger })
  const own = checkWrites(fold.state, { writer, paths: asked.paths, policy, nowMs, ownClock })
  const inTrees = await judgedTrees(fold.state, trees, { root, writer, nowMs, ownClock })
  const places = [...own, ...refusals, ...inTrees.refusals].map(placeOf)
  const permitted = places.every(place => place.permitted !== 'no')
  if (permitted && asked.watched !== null) {
    const looking = { root, writer, nowMs, ownClock }
    await watched(fold.state, {
      url: which.url,
      call: asked.watched.call,
      looking,
      watching: {
        copies: policy.trespass === 'restore',
        targets: asked.paths.flatMap(({ inside }) => inside),
      },
    })
  }
  const about = { ...at, permitted, holder: writer.holder, root, ...(await remarksOn(which, shell.globals.ledger)) }
  const notTold = [...unresolved, ...(inTrees.isWhole ? [] : [{ what: trees.join(' '), why: 'bound' as const }])]
  const answer: GuardAnswer = {
    guard: 'on',
    ...about,
    paths: places,
    ...(notTold.length === 0 ? {} : { unresolved: notTold }),
  }
  if (shell.json) await shell.answer(answer, () => [])
  else tell(shell, guardLines(answer, { nowMs, ...typingOf(shell) }), { aside: shape !== null })
  return permitted ? EXIT.done : (shape?.refusedExitCode ?? EXIT.refused)
}

/** What stood before the call; a store that is on no disk of ours keeps nothing beside it. */
async function watched(
  state: Parameters<typeof checkWrites>[0],
  {
    url,
    call,
    looking,
    watching,
  }: {
    readonly url: string
    readonly call: string | null
    readonly looking: Looking
    readonly watching: Watching
  },
): Promise<void> {
  const [{ databaseOf }, { watchCall }] = await Promise.all([
    import('../trespass/watch-file.ts'),
    import('../trespass/watch-call.ts'),
  ])
  const database = databaseOf(url)
  if (database === null) return
  const { root, writer } = looking
  watchCall(state, { database, root, holder: writer.holder, call }, looking, watching)
}

/** Git calls its hooks at the top, wherever the shell stands that called git. */
export function typingOf({ typed, which }: Shell): Typing {
  const isBelow = isHook() && environment('GIT_PREFIX') !== undefined
  return { folder: isBelow ? null : realpathSync(workingFolder()), typed, store: which.url }
}

/** A hook's standard output belongs to its protocol, so its answer goes beside; without faults it says nothing. */
function tell(shell: Shell, { lines, remarks }: ReturnType<typeof guardLines>, { aside }: { aside: boolean }): void {
  if (!aside) for (const line of lines) void shell.out.line(line)
  for (const line of remarks) shell.out.remark(line)
}

/** Without a configuration file its schema is not loaded: a hook runs before every edit. */
export async function guardSettings(shell: { readonly globals: Pick<Globals, 'config'> }): Promise<GuardSettings> {
  const file = configurationFile(shell.globals.config, workingFolder())
  if (file === null) return GUARD_DEFAULTS
  const alone = await guardAlone(file)
  if (alone !== null) return alone
  const { localConfiguration } = await import('../input/local-configuration.ts')
  return (await localConfiguration(file, workingFolder())).guard
}

/** `null`: the file says more, or is wrong, which the schema of all of it tells. */
async function guardAlone(file: string): Promise<GuardSettings | null> {
  if (file === '-') return null
  const read = GuardAlone.safeParse(await readJson(file))
  return read.success ? { ...GUARD_DEFAULTS, ...read.data.guard } : null
}

/** A commit edits nothing, so there is no first edit to lease for: with `claim` a file of nobody is let through, and told. */
export function ofCommits(settings: GuardSettings): GuardSettings {
  return settings.unclaimed === 'claim' ? { ...settings, unclaimed: 'warn' } : settings
}

export function writerOf(
  flags: HolderFlag & TokenFlag & { readonly root?: string },
  shell: Shell,
  root: string,
): Writer {
  const holder = flags.holder === undefined || flags.holder === '' ? null : read(WriterHolder, flags.holder, 'holder')
  const token = flags.token === undefined ? undefined : read(WriterToken, wholeNumber(flags.token, 'token'), 'token')
  const workTree = flags.root === undefined ? shell.workTree : workTreeAt(root)
  return { holder, token, tokenLane: environment('HOLDFAST_LANE'), workTree }
}

function read<T>(shape: Shape<T>, given: unknown, flag: string): T {
  const shaped = shape.safeParse(given)
  if (shaped.success) return shaped.data
  throw new UsageError(`${flag}: ${firstFaults(shaped.error)}`)
}

type Requested =
  | ({
      readonly asks: 'writes'
      readonly home: string | null
      /** The call during which the regions of others are watched; `null`: they are not. */
      readonly watched: { readonly call: string | null } | null
    } & CommandRequest)
  | Extract<HookRequest, { readonly asks: 'nothing' }>

/** What is asked where files are named one by one. */
const NAMED = {
  asks: 'writes',
  home: null,
  trees: [],
  edited: new Set<string>(),
  unresolved: [],
  watched: null,
} as const

/** That others may mean another ledger; a name was given on purpose. */
async function remarksOn(
  { url, why, others: found, surrounding }: WhichLedger,
  ledger: string,
): Promise<{ readonly remarks?: string[] }> {
  const unasked = found.filter(other => surrounding.every(asked => asked.url !== other))
  if (unasked.length === 0 || isNamed({ why })) return {}
  const others = await notMovedAway(unasked, ledger)
  if (others.length === 0) return {}
  const told = `two ledgers could be meant here: ${url} is asked, and ${others.join(', ')} is not; \`holdfast doctor\` says what to do`
  return { remarks: [told] }
}

async function requested(
  named: readonly string[],
  shape: HookShape | null,
  {
    hook,
    root,
    folder,
    watches,
  }: {
    readonly hook: HookDocument | undefined
    readonly root: string
    readonly folder: string
    readonly watches: boolean
  },
): Promise<Requested> {
  const directory = workingFolder()
  const mapped = (paths: readonly string[], from: string): Requested => {
    return { ...NAMED, paths: paths.map(path => guardedPath(path, { root, directory: from })) }
  }
  if (shape === null) {
    if (named.length === 0) throw new UsageError('path: name at least one file, or use --hook NAME.')
    return mapped(named, directory)
  }
  if (shape.source === 'git-staged') {
    // What stands in the index is a name in the tree and no way through links.
    const { paths, ...place } = await stagedPaths(isHook() ? directory : folder)
    const { top } = place
    const home = commitHome(isHook() ? directory : folder, place)
    return { ...NAMED, paths: paths.map(path => namedPath(path, { root, top })), home }
  }
  const document = hook ?? readHook(shape, await readInput())
  const written = await writtenBy(document, { root, directory })
  if (written === null) return { asks: 'nothing', tool: document.request.tool }
  const isWatched = watches && document.shell !== null
  if (written.paths.length + written.trees.length === 0 && !isWatched) {
    return { asks: 'nothing', tool: document.request.tool }
  }
  return { ...NAMED, ...written, watched: isWatched ? { call: document.call } : null }
}

/** Git's own variables say what is committed, from the folder in which it has called the hook. */
function isHook(): boolean {
  return ['GIT_DIR', 'GIT_INDEX_FILE'].some(name => environment(name) !== undefined)
}

export function placeOf(answer: WriteAnswer & { readonly ledger?: RefusedBy }): GuardedPlace {
  if (answer.verdict !== 'refused') return answer
  const { untilMs, ...rest } = answer
  return { ...rest, witness: answer.path, expiresAt: instantOf(untilMs) }
}
