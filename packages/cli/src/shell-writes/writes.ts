import { resolve } from 'node:path'

/** One place that a command writes. */
export interface Target {
  /** Absolute; neither shortened nor followed, for only the file system knows where `link/..` leads. */
  readonly path: string
  /** `tree`: what is there now with everything below. */
  readonly extent: 'file' | 'tree'
  /** The program that writes it, such as `sed`; `>` for a redirection. */
  readonly by: string
}

/** What a command may write and nobody can tell before it runs. */
export interface Unresolved {
  /** The piece of the command, as it was typed. */
  readonly what: string
  /**
   * `target`: a known writer, but the name cannot be computed; `program`: what this program does is not known; `code`:
   * an interpreter's own language; `syntax`: no valid shell; `bound`: too long, or too deep.
   */
  readonly why: 'target' | 'program' | 'code' | 'syntax' | 'bound'
}

/** What a shell command writes, as far as can be told before it runs. */
export interface Writes {
  readonly targets: readonly Target[]
  readonly unresolved: readonly Unresolved[]
  /** The programs that it starts, in order: what a reader may call the activity. */
  readonly programs: readonly string[]
}

/** Places that one command may name. */
const TARGETS_MAX = 5000

const TOLD_MAX = 100

/** Gathers what is found, each once. */
export class Gathered {
  readonly #targets = new Map<string, Target>()
  readonly #places = new Set<string>()
  readonly #unresolved = new Map<string, Unresolved>()
  readonly #programs = new Set<string>()

  target(target: Target): void {
    if (isDevice(target.path)) return
    if (this.#targets.size >= TARGETS_MAX) this.unresolved(target.by, 'bound')
    else {
      this.#targets.set(`${target.extent} ${target.path}`, target)
      this.#places.add(resolve(target.path))
    }
  }

  /** Whether a path was told by this very name. */
  isTarget(path: string): boolean {
    return this.#places.has(path)
  }

  unresolved(what: string, why: Unresolved['why']): void {
    if (this.#unresolved.size < TOLD_MAX) this.#unresolved.set(`${why} ${what}`, { what, why })
  }

  program(name: string): void {
    if (this.#programs.size < TOLD_MAX) this.#programs.add(name)
  }

  done(): Writes {
    const [targets, unresolved] = [[...this.#targets.values()], [...this.#unresolved.values()]]
    return { targets, unresolved, programs: [...this.#programs] }
  }
}

/** `/dev/null` and its like: nobody leases them, and half of all commands write to one. */
function isDevice(path: string): boolean {
  return path.startsWith('/dev/') && !path.startsWith('/dev/shm/')
}
