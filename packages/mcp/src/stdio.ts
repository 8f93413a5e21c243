import { randomBytes } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import { thisProcess } from '@holdfast/engine'
import type { ServedLedger } from '@holdfast/server'
import { serveStdio as serve, StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import type { Desk } from './desk.ts'
import { holderName } from './holder-name.ts'
import { mcpServer } from './server.ts'
import { Session, type Inherited } from './session.ts'

/** One message is at most so long; longer ones end the connection. */
const MESSAGE_BYTES_MAX = 1024 * 1024

/** Bytes that tell sessions apart: in a name, and in request ids, which two sessions of one name must not share. */
const SHORT_ID_BYTES = 2
const PREFIX_BYTES = 6

export interface StdioOptions extends Pick<
  Desk,
  'root' | 'workTree' | 'region' | 'places' | 'refusedElsewhere' | 'policy'
> {
  readonly version: string
  /** The name of the holder; `undefined`: after the client. */
  readonly holder: string | undefined
  /** A lease of whoever started this session. */
  readonly inherited: Inherited | null
  /** Opens the ledger, and makes it where a first write may; called again where it was not there. */
  readonly open: (make: boolean, closing: AbortSignal) => Promise<ServedLedger>
  readonly failed: (error: unknown) => void
  /** Ends it from outside. */
  readonly stopped: AbortSignal
  readonly input?: Readable
  readonly output?: Writable
}

/**
 * Serves one client over standard input and output, until either side ends it. What waits then gives up its place; leases
 * stay until they expire, because the agent may go on believing in them.
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { version, stopped, failed, input = process.stdin, output = process.stdout } = options
  const closing = new AbortController()
  const opened = new OpenedOnce(make => options.open(make, closing.signal))
  const session = new Session(`${randomBytes(PREFIX_BYTES).toString('hex')}/`, options.inherited)
  const shortId = randomBytes(SHORT_ID_BYTES).toString('hex')
  let holder = options.holder
  const desk: Omit<Desk, 'holder'> = {
    ...options,
    session,
    open: make => opened.open(make),
    asker: () => ({ actor: thisProcess(), gone: closing.signal }),
    // Its request ids begin with bytes that nobody else has.
    wasGranted: async () => true,
    demand: () => {},
    lasting: work => work(closing.signal),
  }
  const transport = new StdioServerTransport(input, output, { maxBufferSize: MESSAGE_BYTES_MAX })
  const ended = new Promise<void>(resolve => {
    closing.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const end = (): void => closing.abort()
  input.once('end', end)
  input.once('close', end)
  output.once('error', end)
  stopped.addEventListener('abort', end, { once: true })
  if (stopped.aborted) end()
  const handle = serve(
    () =>
      mcpServer(version, client => {
        // It is settled by the first call, and stays.
        return { ...desk, holder: () => (holder ??= holderName(client, shortId)) }
      }),
    { transport, onerror: () => {} },
  )
  await ended
  await handle.close().catch(failed)
  await opened.close()
}

/** The ledger of one session, opened when it is first asked for. */
class OpenedOnce {
  readonly #open: (make: boolean) => Promise<ServedLedger>
  #opening: Promise<ServedLedger> | null = null

  constructor(open: (make: boolean) => Promise<ServedLedger>) {
    this.#open = open
  }

  async open(make: boolean): Promise<ServedLedger> {
    const known = await this.#known()
    if (known !== null) return known
    const opening = this.#open(make)
    this.#opening = opening
    return opening
  }

  async close(): Promise<void> {
    const known = await this.#known()
    await known?.hosted.ledger.close()
  }

  /** One that could not be opened is tried again: it may be there now. */
  async #known(): Promise<ServedLedger | null> {
    const opening = this.#opening
    if (opening === null) return null
    try {
      return await opening
    } catch {
      if (this.#opening === opening) this.#opening = null
      return this.#opening === null ? null : this.#known()
    }
  }
}
