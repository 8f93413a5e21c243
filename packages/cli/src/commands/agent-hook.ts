import { realpathSync } from 'node:fs'
import { parseDuration, type Ledger } from '@holdfast/engine/lean'
import { SessionFiles } from '@holdfast/engine/sessions'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import type { CommandRequest } from '../input/command-request.ts'
import { workingFolder } from '../input/environment.ts'
import { readInput } from '../input/read-input.ts'
import { writtenBy } from '../input/written-by.ts'
import { guardLines } from '../print/guard-lines.ts'
import { refusedEditLines } from '../print/session-lines.ts'
import type { AgentCall } from '../session/agent-call.ts'
import { judgeEdit, rootOf } from '../session/judge-edit.ts'
import { noteEdit } from '../session/note-edit.ts'
import { SessionNews } from '../session/tell-news.ts'
import { trespassesFor } from '../session/trespass-news.ts'
import { whoWorks, type Worker } from '../session/who-works.ts'
import { keepUp } from '../session/keep-up.ts'
import type { HookShell } from './hook-shell.ts'
import { inProtocol } from '../program/say-in-protocol.ts'
import type { GuardAnswer } from '../schemas/guard.ts'
import { databaseOf, isWatched, leftBehind, type WatchedCall } from '../trespass/watch-file.ts'

/** Stands for what took longer than it may. */
const LATE: unique symbol = Symbol('late')

/**
 * Answers a document of an agent's session: keeps its leases, claims what it edits for the first time, and tells it what it
 * has to hear. Before a tool that writes, whatever goes wrong refuses; of any other event it is told and stops nothing.
 */
export async function agentHook(shell: HookShell, call: AgentCall): Promise<number> {
  // Until it is known what a command writes, it may be anything.
  let isWrite = isWriter(call)
  const work = async (): Promise<number> => {
    let written: Written
    try {
      await shell.nameServedStore()
      written = await writtenIn(shell, call)
    } catch (error) {
      shell.out.fail(error, shell.json)
      return failed(shell, call, isWrite, null)
    }
    isWrite = written.isWrite
    return answered(shell, call, written)
  }
  return endedInTime(shell, call.policy.timeout, {
    work: work(),
    late: said => failed(shell, call, isWrite, said),
  })
}

/**
 * What a hook ends with, if that is known in the time that it has; else what `late` says, and the program ends at once:
 * what is under way may hang for as long as the file system does, and the agent does not wait for it.
 */
export async function endedInTime(
  shell: Pick<HookShell, 'out' | 'leave'>,
  timeout: string,
  { work, late }: { readonly work: Promise<number>; readonly late: (said: string) => number },
): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<typeof LATE>(resolve => {
    timer = setTimeout(() => resolve(LATE), parseDuration(timeout, 'guard.timeout'))
  })
  try {
    const ended = await Promise.race([work, over])
    if (ended !== LATE) return ended
  } finally {
    clearTimeout(timer)
  }
  const code = late(`holdfast: the ledger did not answer within ${timeout} (guard.timeout).`)
  await shell.out.flush()
  return shell.leave(code)
}

/** What a call is about to write. */
interface Written {
  /** `null`: it writes nothing, and neither does its command, if it has one. */
  readonly request: CommandRequest | null
  /** It names places, so it is refused unless they can be judged. A command of which nobody knows what it does is not. */
  readonly isWrite: boolean
}

/** Whether it is about a tool, not yet run, that writes or may do so. */
function isWriter({ hook: { request, shell, seen } }: AgentCall): boolean {
  return request.asks === 'writes' || (shell !== null && seen.kind !== 'after-tool')
}

async function writtenIn(shell: HookShell, call: AgentCall): Promise<Written> {
  if (!isWriter(call)) return { request: null, isWrite: false }
  const request = await writtenBy(call.hook, { root: rootOf(shell, call), directory: workingFolder() })
  const isWrite = request !== null && request.paths.length + request.trees.length > 0
  return { request, isWrite: isWrite || call.hook.request.asks === 'writes' }
}

async function answered(shell: HookShell, call: AgentCall, written: Written): Promise<number> {
  const { isWrite } = written
  const makes = isWrite && call.policy.unclaimed === 'claim'
  let opened: Ledger
  try {
    opened = await shell.openLedger({ create: makes, alone: true })
  } catch (error) {
    if (isWrite) return call.otherwise()
    shell.out.fail(error, shell.json)
    return failed(shell, call, isWrite, null)
  }
  try {
    await using ledger = opened
    return await atLedger(shell, ledger, call, written)
  } catch (error) {
    shell.out.fail(error, shell.json)
    return failed(shell, call, isWrite, null)
  }
}

const WAY_OUT = '`holdfast doctor` says what is wrong; HOLDFAST_GUARD=off lets writes through unseen, and is logged.'

/** Keeps a write from happening that could not be judged. Nothing else is stopped by what fails here. */
function failed(shell: HookShell, { shape }: AgentCall, isWrite: boolean, why: string | null): number {
  if (why !== null) shell.out.remark(why)
  const rest = isWrite ? 'the write is refused, for it could not be judged' : 'your leases may not be kept'
  if (!shell.json) shell.out.remark(`holdfast guard: ${rest}. ${WAY_OUT}`)
  if (!isWrite) return EXIT.done
  if (shape.refusal !== undefined && !shell.json) {
    void shell.out.data(
      JSON.stringify(inProtocol(shape.refusal, `${why ?? ''} The write is refused: ${WAY_OUT}`.trim())),
    )
  }
  return shape.refusedExitCode
}

async function atLedger(shell: HookShell, ledger: Ledger, call: AgentCall, written: Written): Promise<number> {
  const { hook, policy } = call
  const files = SessionFiles.beside(ledger.url)
  const worker = whoWorks(ledger, files, call)
  const upkeep = await keepUp(ledger, worker, call)
  if (upkeep.fault !== null) shell.out.remark(`holdfast: ${upkeep.fault}`)
  const { request, isWrite } = written
  const hasRun = hook.seen.kind === 'after-tool'
  const isShell = hook.shell !== null
  const about = aboutCall(shell, { worker, call })
  const hasLeft = about !== null && isWatched(leftBehind(about))
  if (hasLeft && shell.mayLookLong && !(isShell && hasRun)) {
    const { watchLeft } = await import('../session/watch-shell.ts')
    tellUnseen(shell, await watchLeft(shell, ledger, { worker, call }))
  }
  const edit = request !== null && isWrite ? await judgeEdit(shell, ledger, worker, call, request) : null
  const isRefused = edit !== null && !edit.answer.permitted
  const isBefore = hook.request.asks === 'writes'
  if (!isRefused && !isShell && about !== null && (isBefore || hasRun))
    tellUnseen(shell, noteEdit(about, isBefore ? request : null))
  const isLookedAt = hasRun ? hasLeft || (about !== null && isWatched(about)) : request !== null
  if (isShell && !isRefused && isLookedAt) {
    const { watchShell } = await import('../session/watch-shell.ts')
    tellUnseen(shell, await watchShell(shell, ledger, { worker, call, written: request }))
  }
  const nowMs = await ledger.now()
  // A refusal reaches the model whatever else of the event does.
  const room = isRefused ? 'one' : hook.seen.tells !== undefined || shell.json ? 'all' : 'none'
  const trespasses = trespassesFor(shell.which.url, worker.name, nowMs)
  const news = new SessionNews(ledger, worker, { nowMs, claims: policy.unclaimed === 'claim', room, trespasses })
  news.keep(files, { isOver: upkeep.isOver })
  return answer(shell, ledger, { call, worker, edit, lines: news.lines, nowMs })
}

/** What is kept of a call beside the ledger; `null`: nothing can be kept there. */
function aboutCall(
  shell: HookShell,
  { worker, call }: { readonly worker: Worker; readonly call: AgentCall },
): WatchedCall | null {
  const database = databaseOf(shell.which.url)
  return database === null ? null : { database, root: rootOf(shell, call), holder: worker.name, call: call.hook.call }
}

function tellUnseen(shell: HookShell, fault: string | null): void {
  if (fault === null) return
  shell.out.remark(`holdfast: what the command changes in regions of others is not known: ${fault}`)
}

interface Answering {
  readonly call: AgentCall
  readonly worker: Worker
  readonly edit: Awaited<ReturnType<typeof judgeEdit>> | null
  readonly lines: readonly string[]
  readonly nowMs: Awaited<ReturnType<Ledger['now']>>
}

async function answer(
  shell: HookShell,
  ledger: Ledger,
  { call, worker, edit, lines, nowMs }: Answering,
): Promise<number> {
  const { hook, shape } = call
  const about = {
    name: worker.name,
    ...(worker.parent === null ? {} : { parent: worker.parent }),
    claimed: edit?.claimed ?? [],
    told: [...lines],
  }
  const code = edit === null || edit.answer.permitted ? EXIT.done : shape.refusedExitCode
  if (shell.json) {
    const given: GuardAnswer =
      edit === null
        ? { guard: 'idle', permitted: true, tool: hook.request.tool, session: about }
        : { ...edit.answer, session: about }
    await shell.answer(given, () => [])
    return code
  }
  const typing = { folder: realpathSync(workingFolder()), typed: shell.typed, store: shell.which.url }
  if (edit !== null && !edit.answer.permitted) {
    const said =
      edit.why ??
      refusedEditLines(edit.answer, { state: ledger.state, nowMs, ...typing }) ??
      guardLines(edit.answer, { nowMs, ...typing }).remarks
    for (const line of said) shell.out.remark(line)
    for (const line of lines) shell.out.remark(line)
    if (shape.refusal !== undefined) {
      await shell.out.data(JSON.stringify(inProtocol(shape.refusal, [...said, ...lines].join('\n'))))
    }
    return code
  }
  if (edit !== null) for (const line of guardLines(edit.answer, { nowMs, ...typing }).remarks) shell.out.remark(line)
  if (lines.length > 0 && hook.seen.tells !== undefined) {
    await shell.out.data(JSON.stringify(inProtocol(hook.seen.tells, lines.join('\n'))))
  }
  return code
}

/** All of standard input, if it ends within the time that a hook has. */
export async function readInTime(timeout: string): Promise<string> {
  const spanMs = parseDuration(timeout, 'guard.timeout')
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      process.stdin.destroy()
      reject(
        new UsageError(`Standard input did not end within ${timeout} (guard.timeout): a hook sends a JSON document.`),
      )
    }, spanMs)
  })
  try {
    return await Promise.race([readInput(), late])
  } finally {
    clearTimeout(timer)
  }
}
