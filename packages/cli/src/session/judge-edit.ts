import { instantOf } from '@holdfast/projections'
import { NOTHING_WATCHED } from '@holdfast/core/internal'
import type { LeaseId } from '@holdfast/core'
import type { Ledger } from '@holdfast/engine/lean'
import { claimPlanned, planClaims, type ClaimOutcome } from '@holdfast/engine/sessions'
import { workTreeAt } from '@holdfast/engine/which-ledger'
import {
  checkWrites,
  guardedRoot,
  ledgersToAsk,
  type GuardedPath,
  type WriteAnswer,
  type Writer,
} from '@holdfast/engine/write-guard'
import type { AgentCall } from './agent-call.ts'
import { atLedger } from '@holdfast/server/answers'
import type { CommandRequest } from '../input/command-request.ts'
import { environment, workingFolder } from '../input/environment.ts'
import { wholeNumber } from '../input/flag-values.ts'
import { WriterToken } from '../input/writer-shapes.ts'
import { plain } from '../print/plain.ts'
import { askFurtherLedgers, type RefusedBy } from '../program/ask-further-ledgers.ts'
import { judgedTrees } from '../program/judged-trees.ts'
import type { Shell } from '../program/shell.ts'
import type { GuardAnswer, GuardedPlace } from '../schemas/guard.ts'
import type { Worker } from './who-works.ts'

/** Of the command, where it stands and which ledger it means. */
type Surroundings = Pick<Shell, 'which' | 'workTree' | 'globals'>

/** Files of a refused write that the log names. */
const RECORDED_MAX = 16

/** What became of an edit. */
export interface JudgedEdit {
  readonly answer: Extract<GuardAnswer, { readonly guard: 'on' }>
  readonly claimed: LeaseId[]
  /** Why it is refused, where that is more than what stands at the paths. */
  readonly why: readonly string[] | null
}

type Answer = WriteAnswer & { readonly ledger?: RefusedBy }

/**
 * Judges what a tool is about to write: the files that it names, or what its shell's command is known to write. Files in nobody's region are claimed first, if the policy says so: the answer allows
 * them only once the grant is durable, and every place is judged again on the state that holds it. Other ledgers are asked
 * after that: two sessions that claim one file in two ledgers then cannot both miss the other.
 */
export async function judgeEdit(
  shell: Surroundings,
  ledger: Ledger,
  worker: Worker,
  call: AgentCall,
  written: CommandRequest,
): Promise<JudgedEdit> {
  const { hook, policy } = call
  const root = rootOf(shell, call)
  const untold = new Map(written.unresolved.map(one => [`${one.why} ${one.what}`, one]))
  const judging = { shell, ledger, worker, call, root, written, untold }
  const first = await judged(judging)
  const nowMs = await ledger.now()
  const isFree = (answer: Answer): boolean => written.edited.has(answer.given) && isClaimable(answer, nowMs)
  const free = first.flatMap(answer => (isFree(answer) ? [answer.path] : []))
  const isOpen = first.every(answer => answer.permitted !== 'no' || isFree(answer))
  if (!isOpen || free.length === 0 || policy.unclaimed !== 'claim') return asked(judging, first, [])
  // A command that writes many files of nobody's is judged and leases none of them.
  if (isOfShell(call) && free.length > policy.folderFiles) return asked(judging, first, [])
  const plan = planClaims(ledger.state, {
    name: worker.name,
    paths: free,
    limits: { folderFiles: policy.folderFiles, total: policy.claimsMax },
    nowMs,
  })
  if (plan.plan !== 'claim' && isOfShell(call)) return asked(judging, first, [])
  if (plan.plan === 'too-many') return closed(judging, first, tooMany(plan.held, free[0] ?? '', worker.name))
  if (plan.plan === 'no-name') {
    const said = `holdfast: ${plain(plan.path)} is refused: no lease can name it (${plan.why}). Lease its folder: holdfast claim FOLDER --holder ${plain(worker.name)}`
    return closed(judging, first, [said])
  }
  const claim = { name: worker.name, ttl: policy.claimTtl, files: free, reason: `edited by ${hook.request.tool}` }
  const outcome = await claimPlanned(ledger, plan, claim)
  const after = await judged(judging)
  if (outcome.outcome === 'claimed')
    return asked(
      judging,
      after,
      outcome.leases.map(({ leaseId }) => leaseId),
    )
  const isNamed = after.some(({ verdict }) => verdict === 'refused')
  return closed(judging, after, isNamed ? null : notGranted(free[0] ?? '', outcome))
}

/**
 * In nobody's region, or in that of a lease that has expired: its holder may come back with a beat, but a claim takes its
 * place.
 */
function isClaimable(answer: Answer, nowMs: number): boolean {
  if (answer.verdict === 'unclaimed') return true
  return answer.verdict === 'refused' && answer.basis === 'held-by-other' && answer.untilMs <= nowMs
}

interface Judging {
  readonly shell: Surroundings
  readonly ledger: Ledger
  readonly worker: Worker
  readonly call: AgentCall
  readonly root: string
  readonly written: CommandRequest
  /** What nobody can tell before it runs. */
  readonly untold: Map<string, CommandRequest['unresolved'][number]>
}

/** What the regions of a call are relative to. */
export function rootOf({ which }: Pick<Shell, 'which'>, { root }: Pick<AgentCall, 'root'>): string {
  return root === undefined ? which.root : guardedRoot(root, workingFolder())
}

/** Who writes in a call, and when. */
export async function writingOf(
  { workTree: own }: Pick<Shell, 'workTree'>,
  ledger: Ledger,
  { worker, call, root }: { readonly worker: Worker; readonly call: AgentCall; readonly root: string },
) {
  const ownClock = ledger.store.clock === 'steady' ? undefined : NOTHING_WATCHED
  const workTree = call.root === undefined ? own : workTreeAt(root)
  const token = call.token === undefined ? undefined : tokenOf(call.token)
  const writer: Writer = { holder: worker.name, token, tokenLane: environment('HOLDFAST_LANE'), workTree }
  return { root, writer, nowMs: await ledger.now(), ownClock }
}

/** A command is not its files: what of them it does not edit needs no lease, and is let through where nobody has one. */
function isOfShell({ hook }: AgentCall): boolean {
  return hook.request.asks === 'nothing'
}

/** All places on the state as it is known; a sub-agent may also write where its session may. */
async function judged({ shell, ledger, worker, call, root, written, untold }: Judging): Promise<readonly Answer[]> {
  const writing = await writingOf(shell, ledger, { worker, call, root })
  const { writer, nowMs, ownClock } = writing
  const isAllowed = isOfShell(call) && call.policy.unclaimed === 'claim'
  const policy = isAllowed ? { ...call.policy, unclaimed: 'allow' as const } : call.policy
  const ask = (by: Writer, only: readonly GuardedPath[]) =>
    checkWrites(ledger.state, { writer: by, paths: only, policy, nowMs, ownClock })
  const inTrees = await judgedTrees(ledger.state, written.trees, { ...writing, parent: worker.parent })
  if (!inTrees.isWhole) untold.set('trees', { what: written.trees.join(' '), why: 'bound' })
  const own = [...ask(writer, written.paths), ...inTrees.refusals]
  const { parent } = worker
  if (parent === null) return own
  return own.flatMap(answer => {
    if (answer.verdict !== 'refused' || answer.holder !== parent) return [answer]
    return ask({ ...writer, holder: parent, token: undefined }, [
      { given: answer.given, inside: [answer.path], outside: [] },
    ])
  })
}

function tokenOf(given: string) {
  const shaped = WriterToken.safeParse(wholeNumber(given, 'token'))
  return shaped.success ? shaped.data : undefined
}

/** Asks the other ledgers as well. What was claimed here is given up again where one of them refuses. */
async function asked(judging: Judging, own: readonly Answer[], claimed: readonly LeaseId[]): Promise<JudgedEdit> {
  const { shell, ledger, worker, root, written } = judging
  const { which } = shell
  const further = ledgersToAsk(which, { root, paths: written.paths, staged: false })
  const meant = { url: which.url, name: shell.globals.ledger }
  const found = await askFurtherLedgers(further, { holder: worker.name }, meant)
  const refusals = found.filter(({ holder }) => holder !== worker.parent)
  if (refusals.length > 0 && claimed.length > 0) await giveBack(ledger, worker.name, claimed)
  const all = [...own, ...refusals]
  const isPermitted = all.every(({ permitted }) => permitted !== 'no')
  if (!isPermitted) await record(judging, own)
  return answerOf(judging, all, { claimed: refusals.length > 0 ? [] : claimed, why: null })
}

async function giveBack(ledger: Ledger, holder: string, claimed: readonly LeaseId[]): Promise<void> {
  const leases = claimed.flatMap(leaseId => ledger.state.leases.get(leaseId) ?? [])
  await Promise.all(
    leases.map(({ lane, token }) => ledger.release({ lane, holder, token, reason: 'another ledger refuses the edit' })),
  )
}

/** Refused for more than a place says. What claims were refused is in the log already. */
function closed(judging: Judging, own: readonly Answer[], why: readonly string[] | null): JudgedEdit {
  return answerOf(judging, own, { claimed: [], why, isClosed: true })
}

/** Notes in the log that somebody else's claim was in the way. That it could not be noted refuses nothing less. */
async function record({ ledger, worker }: Judging, own: readonly Answer[]): Promise<void> {
  const refused = own.flatMap(answer =>
    answer.verdict === 'refused' && (answer.basis === 'held-by-other' || answer.basis === 'draining')
      ? [answer.path]
      : [],
  )
  if (refused.length === 0) return
  const paths = [...new Set(refused)].slice(0, RECORDED_MAX)
  await ledger.write({ holder: worker.name, paths }).catch(() => undefined)
}

function answerOf(
  { ledger, worker, root, untold }: Judging,
  answers: readonly Answer[],
  {
    claimed,
    why,
    isClosed = false,
  }: { readonly claimed: readonly LeaseId[]; readonly why: JudgedEdit['why']; readonly isClosed?: boolean },
): JudgedEdit {
  const paths = answers.map(placeOf)
  const permitted = !isClosed && paths.every(place => place.permitted !== 'no')
  const answer = { guard: 'on', ...atLedger(ledger), permitted, holder: worker.name, root } as const
  const unresolved = untold.size === 0 ? {} : { unresolved: [...untold.values()] }
  return { answer: { ...answer, paths: [...paths], ...unresolved }, claimed: [...claimed], why }
}

function placeOf(answer: Answer): GuardedPlace {
  if (answer.verdict !== 'refused') return answer
  const { untilMs, ...rest } = answer
  return { ...rest, witness: answer.path, expiresAt: instantOf(untilMs) }
}

function tooMany(held: number, path: string, name: string): readonly string[] {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : path
  return [
    `holdfast: ${plain(path)} is refused: you hold ${held} files, as many as edits may lease one by one.`,
    `holdfast: lease what you work on as a region, then go on: holdfast claim ${plain(folder)} --holder ${plain(name)}`,
    `holdfast: or give up what you are done with: holdfast release --session --holder ${plain(name)}`,
  ]
}

function notGranted(path: string, outcome: Extract<ClaimOutcome, { readonly outcome: 'refused' }>): readonly string[] {
  const [blocker] = outcome.blockers
  const by = blocker?.holder === undefined ? '' : ` by ${plain(blocker.holder)}`
  const id = outcome.refusalId === null ? '' : ` (holdfast why ${outcome.refusalId})`
  return [
    `holdfast: ${plain(path)} is refused: it could not be leased: ${outcome.code}${by}${id}.`,
    'holdfast: try again later, or work on other files.',
  ]
}
