import { stripVTControlCharacters } from 'node:util'
import type { LedgerFor, HostedLedger } from '@holdfast/engine/served'
import { treeMeant, type WhichLedger } from '@holdfast/engine/which-ledger'
import type { WorkTree, ProcessIdentity } from '@holdfast/core'
import type { HookShell } from '../commands/hook-shell.ts'
import { failureOf } from '../failure/failure.ts'
import { screened } from '../print/plain.ts'
import { TypedLine, type Globals } from '../program/typed-line.ts'

/** What a call of a hook says, kept for an answer of another form. */
class Said {
  readonly remarks: string[] = []
  readonly documents: string[] = []

  remark(text: string): void {
    this.remarks.push(stripVTControlCharacters(screened(text)))
  }

  data(text: string): void {
    this.documents.push(text)
  }

  async flush(): Promise<void> {}

  fail(error: unknown): number {
    const { message, exitCode } = failureOf(error)
    this.remark(message)
    return exitCode
  }
}

/** In the place of the command line's shell: a call that is answered in the process of a server, on its ledger. */
export class DoorShell implements HookShell {
  readonly out = new Said()
  readonly json = false
  /** Everybody who is served would wait; the next call by a command looks. */
  readonly mayLookLong = false
  readonly which: WhichLedger
  readonly workTree: WorkTree | null
  readonly globals: Globals
  readonly typed: TypedLine
  readonly #ledger: LedgerFor

  constructor(
    { which, folder }: { readonly which: WhichLedger; readonly folder: string },
    { hosted, actor }: { readonly hosted: HostedLedger; readonly actor: ProcessIdentity },
  ) {
    this.which = which
    this.workTree = treeMeant(which, folder, {})
    this.globals = { ledger: hosted.ledger.stream, server: false }
    this.typed = new TypedLine([], () => this.globals)
    this.#ledger = hosted.ledgerFor(actor)
  }

  /** It is known which one is served. */
  async nameServedStore(): Promise<void> {}

  async openLedger(): Promise<LedgerFor> {
    await this.#ledger.refresh()
    return this.#ledger
  }

  /** A document is answered by what was said. */
  async answer(): Promise<void> {}

  /** The process goes on. */
  leave(code: number): number {
    return code
  }
}
