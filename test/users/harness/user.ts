import { fork, type ChildProcess } from 'node:child_process'
import * as z from 'zod'

const Told = z.object({
  id: z.int(),
  value: z.unknown().optional(),
  code: z.string().optional(),
  message: z.string().default(''),
})

interface Order {
  readonly path?: string
  readonly number?: number
}

/** Whether processes of other users can be started here. */
export const IS_ROOT = process.geteuid?.() === 0

/** What a store refused in the other process. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Another user of this system, in a process of its own. */
export class User implements AsyncDisposable {
  readonly uid: number
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (told: z.infer<typeof Told>) => void>()
  #lastId = 0

  private constructor(uid: number, groups: readonly number[]) {
    this.uid = uid
    const identity = JSON.stringify({ uid, gid: uid, groups })
    this.#child = fork(new URL('user-child.ts', import.meta.url), [identity], { execArgv: [], stdio: 'inherit' })
    this.#child.on('message', message => {
      const told = Told.parse(message)
      this.#waiting.get(told.id)?.(told)
    })
  }

  /** Begins a process of a user whose own group has the same number, and who is in `groups` besides. */
  static async begin(uid: number, groups: readonly number[]): Promise<User> {
    const user = new User(uid, groups)
    await new Promise(resolve => user.#waiting.set(0, resolve))
    return user
  }

  async does(does: string, order: Order = {}): Promise<unknown> {
    const id = (this.#lastId += 1)
    const told = await new Promise<z.infer<typeof Told>>(resolve => {
      this.#waiting.set(id, resolve)
      this.#child.send({ id, does, ...order })
    })
    if (told.code !== undefined) throw new Refused(told.code, told.message)
    return told.value
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise(resolve => this.#child.once('exit', resolve))
    this.#child.kill('SIGKILL')
    await ended
  }
}
