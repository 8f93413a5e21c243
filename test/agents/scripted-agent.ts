import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkWrites, namedPath } from '@holdfast/engine/write-guard'
import { Holder } from '@holdfast/core'
import type { Ledger } from '@holdfast/engine'
import { releaseSession } from '@holdfast/engine/sessions'
import type { Called, Fleet } from './fleet.ts'

/** What is published: the last one who writes a file says what is in it. */
export type Trunk = Map<string, string>

/** Where an agent is in an edit: it asks, writes in its own work tree, and publishes. */
type Step = 'ask' | 'write' | 'publish'

/** What the whole script has seen. */
export interface Seen {
  /** Lines that were published, each once. */
  readonly published: { readonly path: string; readonly line: string }[]
  /** Edits that were refused, by whom and where. */
  readonly refused: { readonly name: string; readonly path: string }[]
  /** Writes and publications inside a live lease of somebody else. */
  readonly trespasses: string[]
}

/**
 * One agent in a work tree of its own that takes a file as it is published, adds a line, and publishes it. With a fleet it
 * asks its hook before each edit and the hook of the commit before it publishes; without one it asks nobody.
 */
export class ScriptedAgent {
  readonly #fleet: Fleet
  readonly #agent: 'claude-code' | 'codex'
  readonly #guarded: boolean
  readonly #trunk: Trunk
  readonly #seen: Seen
  readonly #tree: string
  readonly #letter: string
  #session = 1
  #step: Step = 'ask'
  #path = ''
  #lines = 0
  /** By which its session is known, since it first said something. */
  name = 'nobody'
  /** Edits that have come to be published. */
  edits = 0

  constructor(fleet: Fleet, about: { agent: 'claude-code' | 'codex'; guarded: boolean; trunk: Trunk; seen: Seen }) {
    this.#fleet = fleet
    this.#agent = about.agent
    this.#guarded = about.guarded
    this.#trunk = about.trunk
    this.#seen = about.seen
    this.#letter = about.agent === 'codex' ? 'B' : 'A'
    this.#tree = join(fleet.folder, about.agent)
    mkdirSync(this.#tree, { recursive: true })
  }

  get session(): string {
    return `${this.#letter.toLowerCase().repeat(4)}${this.#session}-session`
  }

  get isIdle(): boolean {
    return this.#step === 'ask'
  }

  /** A document of its protocol about an event. */
  async says(event: string, more: object = {}, before?: (ledger: Ledger) => Promise<void>): Promise<Called> {
    const document = { session_id: this.session, hook_event_name: event, cwd: this.#tree, ...more }
    const as = { agent: this.#agent, tree: this.#tree }
    const called = await this.#fleet.with(async ledger => {
      await before?.(ledger)
      return this.#fleet.callOn(ledger, document, undefined, as)
    })
    this.name = called.name
    return called
  }

  /** What it does before a file is edited, in the words of its protocol. */
  asks(path: string): Promise<Called> {
    return this.says('PreToolUse', this.#tool(path))
  }

  #tool(path: string): object {
    if (this.#agent === 'claude-code') {
      return { tool_name: 'Edit', tool_input: { file_path: join(this.#tree, path), old_string: '', new_string: 'x' } }
    }
    const command = `*** Begin Patch\n*** Update File: ${path}\n@@\n+x\n*** End Patch`
    return { tool_name: 'apply_patch', tool_input: { command } }
  }

  /** One step of an edit. `pick`: which file, when a new edit begins. True where it was let. */
  async step(pick: string): Promise<boolean> {
    switch (this.#step) {
      case 'ask':
        return this.#ask(pick)
      case 'write':
        return this.#write()
      case 'publish':
        return this.#publish()
    }
  }

  async #ask(path: string): Promise<boolean> {
    if (this.#guarded) {
      const { permitted, name } = await this.asks(path)
      if (permitted !== true) {
        this.#seen.refused.push({ name, path })
        return false
      }
    }
    this.#path = path
    writeFileSync(join(this.#tree, path), this.#trunk.get(path) ?? '')
    this.#step = 'write'
    return true
  }

  async #write(): Promise<boolean> {
    const file = join(this.#tree, this.#path)
    this.#lines += 1
    writeFileSync(file, `${readFileSync(file, 'utf8')}${this.#letter}${this.#lines}\n`)
    if (this.#guarded)
      await this.says('PostToolUse', { ...this.#tool(this.#path), tool_response: 'ok' }, ledger =>
        this.#look(ledger, 'writes'),
      )
    this.#step = 'publish'
    return true
  }

  /** What the hook of a commit judges. What is refused is thrown away, and begun again from what is published. */
  async #publish(): Promise<boolean> {
    this.#step = 'ask'
    if (this.#guarded && !(await this.#mayPublish())) return false
    this.#trunk.set(this.#path, readFileSync(join(this.#tree, this.#path), 'utf8'))
    this.#seen.published.push({ path: this.#path, line: `${this.#letter}${this.#lines}` })
    this.edits += 1
    return true
  }

  async #mayPublish(): Promise<boolean> {
    const holder = Holder.parse(this.name)
    const paths = [namedPath(this.#path, { root: this.#tree, top: this.#tree })]
    const policy = { unclaimed: 'claim', outside: 'refuse', temporary: 'allow' } as const
    return this.#fleet.with(async ledger => {
      const request = { writer: { holder }, paths, policy, nowMs: this.#fleet.time.wall() }
      const isLet = checkWrites(ledger.state, request).every(({ permitted }) => permitted !== 'no')
      if (isLet) await this.#look(ledger, 'publishes')
      return isLet
    })
  }

  /** Looks with the eyes of nobody: is this inside a lease that somebody else holds now? */
  async #look(ledger: Ledger, does: string): Promise<void> {
    const [nowMs, name, leases] = [this.#fleet.time.wall(), this.name, await ledger.leases()]
    for (const { holder, region, safeUntilMs } of leases) {
      const covers = region.some(glob => glob === this.#path || this.#path.startsWith(`${glob}/`))
      if (covers && holder !== name && nowMs < safeUntilMs) this.#seen.trespasses.push(`${name} ${does} ${this.#path}`)
    }
  }

  /** Gives up all that it holds, as `holdfast release --session` does. */
  async release(): Promise<void> {
    if (!this.#guarded) return
    await this.#fleet.with(ledger => releaseSession(ledger, this.name, 'done'))
  }

  /** Kill -9: what is under way is never written, nobody says a word, and a new session begins. */
  killed(): void {
    this.#session += 1
    this.#step = 'ask'
  }
}
