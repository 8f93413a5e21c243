import { once } from 'node:events'
import { createServer } from 'node:net'
import { holdfast, type Process } from '../../run/harness/command-line.ts'

const ADDRESS = /http:\/\/\S+\/open\?code=\S+/

/** `holdfast serve` with its page, as a process of its own. It can be killed and started again at the same port. */
export class Serving implements AsyncDisposable {
  readonly url: string
  readonly #store: string
  readonly #port: number
  #process: Process | null = null

  readonly #flags: readonly string[]

  private constructor(store: string, port: number, flags: readonly string[]) {
    this.#store = store
    this.#flags = flags
    this.#port = port
    this.url = `http://127.0.0.1:${port}/`
  }

  /** A server of `store`, and the address that lets a browser in once. */
  static async start(store: string, flags: readonly string[] = []): Promise<{ serving: Serving; entrance: string }> {
    const serving = new Serving(store, await freePort(), flags)
    return { serving, entrance: await serving.again() }
  }

  /** Starts it, for another store if one is named, and answers with the address that lets a browser in once. */
  async again(flags: readonly string[] = [], store = this.#store): Promise<string> {
    const started = holdfast([
      'serve',
      '--store',
      store,
      '--listen',
      `127.0.0.1:${this.#port}`,
      '--open',
      ...this.#flags,
      ...flags,
    ])
    this.#process = started
    return new Promise((resolve, reject) => {
      let said = ''
      const look = (piece: Buffer): void => {
        said += piece.toString()
        const address = ADDRESS.exec(said)?.[0]
        if (address !== undefined) resolve(address)
      }
      started.child.stdout?.on('data', look)
      started.child.stderr?.on('data', look)
      void started.ended.then(({ code }) => reject(new Error(`the server ended with ${code}: ${said}`)))
    })
  }

  async kill(): Promise<void> {
    this.#process?.child.kill('SIGKILL')
    await this.#process?.ended
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill()
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  listener.close()
  await once(listener, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
