import { ProcessIdentity } from '@holdfast/core'
import { thisProcess } from '@holdfast/engine'
import { thisHost } from '@holdfast/engine/internal'
import type { ClientMessage } from '@holdfast/engine/served'
import { StoreError } from '@holdfast/store'
import { tracedActor, traceparentOf } from '@holdfast/core/internal'
import type { Gate } from '../gate.ts'
import type { ServedLedger } from '../hosted-ledgers.ts'
import { repeatableId } from '../repeats.ts'
import type { Grant, Need } from '../tokens/rights.ts'
import { demand } from './authenticate.ts'
import { needOf } from './command-needs.ts'
import { Problem } from './problem.ts'

/** Waits, streams and readings of one connection. */
const LASTING_MAX = 64

/** How long a client may give no sign of life; it gives one every ten seconds. */
export const SILENT_MS = 45_000

/** What may be asked over a connection; the rest reads the past, and is asked by GET, where it takes turns. */
const ASKED: ReadonlySet<string> = new Set(['leases', 'liveness', 'status', 'check', 'lease'])

type Request = Extract<ClientMessage, { readonly id: number }>

/** What a connection may that came with a token: for each request the same as by HTTP, looked up again each time. */
export class TokenGate implements Gate {
  readonly lastingMax = LASTING_MAX
  readonly silentMs: number
  readonly #ledger: string
  readonly #grantOf: () => Grant | null

  constructor(
    ledger: string,
    { grantOf, silentMs = SILENT_MS }: { readonly grantOf: () => Grant | null; readonly silentMs?: number | undefined },
  ) {
    this.#ledger = ledger
    this.#grantOf = grantOf
    this.silentMs = silentMs
  }

  readonly stands = (): boolean => this.#grantOf() !== null

  readonly demand = async (request: Request, served: ServedLedger): Promise<void> => {
    const grant = this.#granted()
    switch (request.do) {
      case 'submit':
      case 'wait':
        return this.#demandCommand(request.command, grant, served)
      case 'tell':
        // Its answer is made with the folder and the line of whoever asks, which is for who may open the store.
        throw new StoreError(
          'invalid',
          'A server answers a typed line at its socket alone. Ask by POST, or by `submit`.',
        )
      case 'ask':
        this.#demand(grant, { rights: ['read'] })
        if (ASKED.has(request.question)) return
        throw new StoreError(
          'invalid',
          `Ask ${JSON.stringify(request.question.slice(0, 64))} by GET: /openapi.json says how.`,
        )
      case 'watch':
      case 'drains':
      case 'follow':
      case 'read':
      case 'store':
        return this.#demand(grant, { rights: ['read'] })
    }
  }

  /** Its id is one of this token alone, and the same whenever it comes again. */
  readonly harmless = <C extends Readonly<Record<string, unknown>>>(command: C): C => {
    const { commandId, process, children, workTree } = command
    const ofToken =
      typeof commandId === 'string' ? repeatableId([this.#granted().name, this.#ledger, commandId]) : commandId
    return {
      ...command,
      ...(commandId === undefined ? {} : { commandId: ofToken }),
      ...(process === undefined ? {} : { process: elsewhere(process) }),
      ...(Array.isArray(children) ? { children: children.flatMap((child: unknown) => elsewhere(child) ?? []) } : {}),
      // A tree of another host is not known here, and counts as every tree.
      ...(workTree === undefined ? {} : { workTree: null }),
    }
  }

  /** What a client says of itself, and by which token it came. Of processes of this host it may say nothing. */
  readonly actor = (claimed: ProcessIdentity | null): ProcessIdentity => {
    const trace = (claimed === null ? null : traceparentOf(claimed)) ?? undefined
    const process = elsewhere(claimed) ?? thisProcess()
    return tracedActor({ ...process, token: this.#granted().name }, trace) ?? process
  }

  async #demandCommand(
    command: Readonly<Record<string, unknown>>,
    grant: Grant,
    { hosted: { ledger } }: ServedLedger,
  ): Promise<void> {
    const isBound = grant.lanes !== null || grant.holders !== null
    const need = needOf(command, isBound ? await ledger.refresh() : ledger.state)
    if (need === null) throw new StoreError('invalid', 'A server does not decide this by HTTP: do it at the store.')
    this.#demand(grant, need)
  }

  #granted(): Grant {
    const grant = this.#grantOf()
    if (grant === null) throw new Problem(401, 'bad-token', 'This token is unknown, revoked or expired.')
    return grant
  }

  #demand(grant: Grant, need: Need): void {
    demand(grant, { ...need, ledger: this.#ledger })
  }
}

/** A process of another host, by what its own host says of it; `null` for one of this host, of which nobody elsewhere knows. */
function elsewhere(claimed: unknown): ProcessIdentity | null {
  const parsed = ProcessIdentity.safeParse(claimed)
  if (!parsed.success) return null
  const { host, bootId, pidNamespace, pid, processStart } = parsed.data
  const here = thisHost()
  // The prober looks at a process only where all three are its own.
  if (host === here.host && bootId === here.bootId && pidNamespace === here.pidNamespace) return null
  return { host, bootId, pidNamespace, pid, processStart }
}
