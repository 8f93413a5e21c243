import { spawn, type ChildProcess } from 'node:child_process'
import { pause, ProcessTree } from '@holdfast/engine/internal'
import { identify, thisProcess } from '@holdfast/engine'
import { plain } from '../text/plain.ts'
import type { Deliver, Delivery, Try } from './delivery.ts'
import type { Notice } from './notice.ts'

/** Between SIGTERM and SIGKILL for a command that is over its time. */
export const KILL_GRACE_MS = 500

/** Time between two looks at what a command has left. */
const LOOK_MS = 100

/** Bytes that are kept of what a command says of its failure: the last ones. */
const SAID_BYTES_MAX = 512

/** What says whose lease this is, of the server's own if it runs under one: no command is to act on it by accident. */
const OWNERSHIP = ['HOLDFAST_HOLDER', 'HOLDFAST_TOKEN', 'HOLDFAST_LANE', 'HOLDFAST_LEASE_ID', 'HOLDFAST_RUN_ID']

/**
 * Starts a command for each notice, without a shell, as the leader of a session and process group of its own; the notice
 * comes as JSON on standard input. 0 is success. When the time is over, all that it has started is ended with it.
 */
export function command(words: readonly string[]): Deliver {
  return async (notice, options) => {
    const [program = '', ...args] = words
    let child: ChildProcess
    try {
      const env = environmentFor(notice)
      child = spawn(program, args, { env, detached: true, stdio: ['pipe', 'ignore', 'pipe'] })
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve)
        child.once('error', reject)
      })
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      return { outcome: 'refused', detail: `${program} cannot be started (${code})` }
    }
    // Whoever does not read it has heard enough.
    child.stdin?.on('error', () => {})
    child.stdin?.end(`${JSON.stringify(notice)}\n`)
    return new Running(child).within(options)
  }
}

/** A command that runs. */
class Running {
  readonly #child: ChildProcess
  readonly #tree: ProcessTree | null
  #said = Buffer.alloc(0)

  constructor(child: ChildProcess) {
    this.#child = child
    const { pid } = child
    // One that has ended already is known by its session, which lasts as long as anybody is in it.
    const identity = pid === undefined ? null : (identify(pid) ?? { ...thisProcess(), pid, processStart: null })
    this.#tree = identity === null ? null : new ProcessTree(identity, { leadsSession: true })
    child.stderr?.on('error', () => {})
    child.stderr?.on('data', (piece: Buffer) => {
      this.#said = Buffer.concat([this.#said, piece]).subarray(-SAID_BYTES_MAX)
    })
  }

  async within({ timers, limitMs, signal }: Try): Promise<Delivery> {
    const over = new AbortController()
    const onAbort = (): void => over.abort('the server ends')
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    const cancel = timers.after(limitMs, () => over.abort(`it took longer than ${limitMs} ms`))
    const exit = await Promise.race([this.#exited(), aborted(over.signal)])
    // What it has left running may use the time that is left.
    while (!over.signal.aborted && this.#isAnyLeft()) await pause(timers, LOOK_MS, over.signal)
    cancel()
    signal.removeEventListener('abort', onAbort)
    if (this.#isAnyLeft()) await this.#end(timers)
    this.#child.stderr?.destroy()
    if (exit === null)
      return { outcome: 'failed', detail: `${String(over.signal.reason)} and was ended with all that it had started` }
    if (exit === '0') return { outcome: 'told', detail: 'ended with 0' }
    const said = this.#said.toString('utf8').trim()
    return { outcome: 'refused', detail: `ended with ${exit}${said === '' ? '' : `: ${said}`}` }
  }

  #exited(): Promise<string> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return Promise.resolve(String(exitCode ?? signalCode))
    return new Promise(resolve => {
      this.#child.once('exit', (code, signal) => resolve(String(code ?? signal)))
    })
  }

  #isAnyLeft(): boolean {
    const { exitCode, signalCode } = this.#child
    return (exitCode === null && signalCode === null) || (this.#tree?.living().length ?? 0) > 0
  }

  async #end(timers: Try['timers']): Promise<void> {
    this.#signal('SIGTERM')
    for (let leftMs = KILL_GRACE_MS; leftMs > 0 && this.#isAnyLeft(); leftMs -= LOOK_MS) await pause(timers, LOOK_MS)
    if (this.#isAnyLeft()) this.#signal('SIGKILL')
  }

  /** A group is reached whole. Its number stays taken while any member lives, which was looked at just now. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    const members = this.#tree?.living() ?? []
    const isGroup = this.#child.exitCode === null && this.#child.signalCode === null
    if (pid !== undefined && (isGroup || members.some(({ group }) => group === pid))) send(-pid, signal)
    for (const member of members) if (member.group !== pid) send(member.pid, signal)
  }
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(null)
    else signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in between.
  }
}

function environmentFor(notice: Notice): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !OWNERSHIP.includes(name))
  return {
    ...Object.fromEntries(kept),
    ...(notice.store === '' ? {} : { HOLDFAST_STORE: notice.store, HOLDFAST_LEDGER: notice.ledger }),
    HOLDFAST_NOTICE_ID: notice.id,
    HOLDFAST_NOTICE_ON: notice.on,
    // A variable holds no NUL: of a notice that an earlier version left to be told, too, nothing keeps it from being told.
    HOLDFAST_NOTICE_TEXT: plain(notice.text),
    HOLDFAST_NOTICE_LANE: notice.lane ?? '',
    HOLDFAST_NOTICE_HOLDER: notice.holder ?? '',
    HOLDFAST_NOTICE_RULE: notice.rule,
  }
}
