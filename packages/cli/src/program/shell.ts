import type { WorkTree } from '@holdfast/core'
import type { Command } from 'commander'
import type { Ledger } from '@holdfast/engine/lean'
import { workingFolder } from '../input/working-folder.ts'
import { Output } from '../print/output.ts'
import { Progress } from '../print/progress.ts'
import type { Globals } from './globals.ts'
import { Interruption } from './interruption.ts'
import { storeUrl } from './store-url.ts'

/** What a command works with: the global flags, where its answer goes, and the ledger that is meant. */
export class Shell {
  readonly out = new Output()
  readonly interruption = new Interruption()
  /** What the command ends with. */
  exitCode = 0
  readonly #root: Command

  constructor(root: Command) {
    this.#root = root
  }

  get globals(): Globals {
    return this.#root.opts<Globals>()
  }

  get json(): boolean {
    return this.globals.json === true
  }

  get reason(): string | undefined {
    return this.globals.reason
  }

  get storeUrl(): string {
    return storeUrl(this.globals.store, workingFolder)
  }

  /** The git work tree that the command is called in; `null`: unknown, which counts as every tree. */
  get workTree(): WorkTree | null {
    return null
  }

  /** Gives `command` its work. The number that the work answers with is the exit code. */
  does(command: Command, work: (...args: never[]) => Promise<number>): void {
    command.action(async (...args: unknown[]) => {
      // Commander calls with what the command declares: arguments, then its flags.
      this.exitCode = await work(...(args as never[]))
    })
  }

  /** The ledger that is meant. `create`: make store and ledger when they are not there, as a first use does. */
  async openLedger({ create }: { readonly create: boolean }): Promise<Ledger> {
    const { openLedger } = await import('@holdfast/engine/lean')
    return openLedger(this.storeUrl, { ledger: this.globals.ledger, workTree: this.workTree, create })
  }

  /** For work that may take long. Who asks for JSON is a program, and looks at no bar. */
  progress(): Progress {
    return new Progress({ quiet: this.json })
  }

  /** Gives the answer in the form that was asked for. */
  async answer<T>(json: T, people: (json: T) => readonly string[]): Promise<void> {
    const lines = this.json ? [JSON.stringify(json)] : people(json)
    for (const line of lines) await this.out.line(line)
  }
}
