import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import {
  applySetup,
  planSetup,
  type AgentName,
  type SetupPlace,
  type SetupProgram,
  type SetupQuestion,
} from '@holdfast/engine/agent-setup'

/** A project and a home in a folder that goes away. What setup records lies in the ledger's folder, as outside git. */
export class Project implements Disposable {
  readonly #base = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-setup-test-')))
  readonly root = join(this.#base, 'project')
  readonly home = join(this.#base, 'home')

  constructor() {
    mkdirSync(join(this.root, '.holdfast'), { recursive: true })
    mkdirSync(this.home)
  }

  /** Beside both: outside. */
  outside(...names: readonly string[]): string {
    return join(this.#base, ...names)
  }

  path(...names: readonly string[]): string {
    return join(this.root, ...names)
  }

  write(path: string, text: string | Buffer): void {
    const file = this.path(path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8')
  }

  get place(): SetupPlace {
    return { root: this.root, home: this.home, scope: 'project', environment: {} }
  }

  question(
    agents: readonly AgentName[],
    more: Partial<SetupQuestion> & { program?: SetupProgram } = {},
  ): SetupQuestion {
    const { program = { by: 'path' }, ...rest } = more
    return { ...this.place, wanted: { program, skill: SKILL }, agents, remove: false, ...rest }
  }

  /** Plans and writes; answers the files that changed. */
  async setUp(agents: readonly AgentName[], more: Parameters<Project['question']>[1] = {}): Promise<readonly string[]> {
    const question = this.question(agents, more)
    const plan = await planSetup(question)
    await applySetup(question, plan)
    return plan.files.filter(({ before, after }) => before !== after).map(({ file }) => relative(this.root, file))
  }

  /** Every file and folder of the project with its bytes and mode, without what is recorded. */
  everything(): Readonly<Record<string, string>> {
    const found = readdirSync(this.root, { recursive: true, encoding: 'utf8' })
    return Object.fromEntries(
      found
        .filter(name => !name.startsWith('.holdfast'))
        .map(name => {
          const { mode } = statSync(this.path(name))
          const isFile = statSync(this.path(name)).isFile()
          return [name, `${mode.toString(8)} ${isFile ? readFileSync(this.path(name)).toString('hex') : ''}`] as const
        }),
    )
  }

  [Symbol.dispose](): void {
    rmSync(this.#base, { recursive: true, force: true })
  }
}

export const SKILL = '---\nname: holdfast\n---\nhow to\n'
