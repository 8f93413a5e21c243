import type { Command } from 'commander'
import type { Ledger } from '@holdfast/engine/lean'
import { demandConfigurationFile } from '../input/configuration-file.ts'
import { workingFolder } from '../input/working-folder.ts'
import { Output } from '../print/output.ts'
import { Progress } from '../print/progress.ts'
import type { Globals } from './globals.ts'
import { Interruption } from './interruption.ts'
import { storeUrl } from './store-url.ts'
import { TypedLine } from './typed-line.ts'

/** What a command works with: the global flags, where its answer goes, and the ledger that is meant. */
export class Shell {
  readonly out = new Output()
  readonly interruption = new Interruption()
  /** What the command ends with. */
  exitCode = 0
  /** The line that was typed, to suggest others by. */
  readonly typed: TypedLine
  readonly #root: Command

  constructor(root: Command, args: readonly string[]) {
    this.#root = root
    this.typed = new TypedLine(args, () => this.globals)
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

  /** Gives `command` its work. The number that the work answers with is the exit code. */
  does(command: Command, work: (...args: never[]) => Promise<number>): void {
    command.action(async (...args: unknown[]) => {
      demandConfigurationFile(this.globals.config)
      // Commander calls with what the command declares: arguments, then its flags.
      this.exitCode = await work(...(args as never[]))
    })
  }

  /** The ledger that is meant. `create`: make store and ledger when they are not there, as a first use does. */
  async openLedger({ create }: { readonly create: boolean }): Promise<Ledger> {
    const { openLedger } = await import('@holdfast/engine/lean')
    return openLedger(this.storeUrl, { ledger: this.globals.ledger, create })
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
