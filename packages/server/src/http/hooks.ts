import type { OpenAPIHono } from '@hono/zod-openapi'
import { thisProcess } from '@holdfast/engine'
import type { Context } from 'hono'
import { demand } from './authenticate.ts'
import { textOf } from './command-routes.ts'
import type { HookDoor } from './hook-door.ts'
import type { HttpEnv } from './env.ts'
import { HOLDER_HEADER } from './mcp.ts'
import type { HttpParts } from './parts.ts'
import { Problem } from './problem.ts'
import { json } from './reply.ts'

/** Bytes that the document of a hook has at most: an edit carries the text of its file. */
export const HOOK_BYTES_MAX = 16 * 1024 * 1024

/** What a hook of a session may come to write. */
const RIGHTS = ['acquire', 'release', 'heartbeat', 'spawn'] as const

const PATH = /^\/v1\/ledgers\/[^/]+\/hook\/([^/]+)$/

/** The agent whose hook a request is; `null`: it is none. */
export function hookAgent(path: string): string | null {
  return PATH.exec(path)?.[1] ?? null
}

/**
 * Adds `POST /v1/ledgers/{ledger}/hook/{agent}`. The agents that call hooks by HTTP let a tool run when the answer is no
 * success. So every failure is a success that refuses.
 */
export class HookRoute {
  readonly #load: (() => Promise<HookDoor>) | null
  #opening: Promise<HookDoor> | null = null

  constructor({ hooks }: Pick<HttpParts, 'hooks'>) {
    this.#load = hooks
  }

  add(app: OpenAPIHono<HttpEnv>, parts: HttpParts): void {
    if (this.#load === null) return
    app.post('/v1/ledgers/:ledger/hook/:agent', c => this.#answer(c, parts))
  }

  /** A failure of a hook as the agent has to hear it; `null`: it is no hook, or none is answered here. */
  async refusal(path: string, why: string): Promise<Response | null> {
    const agent = hookAgent(path)
    const door = agent === null ? null : await this.#door()
    return agent === null || door === null ? null : json(door.refuse(agent, why))
  }

  async #answer(c: Context<HttpEnv>, { ledgers, closing, log }: HttpParts): Promise<Response> {
    const { ledger = '', agent = '' } = c.req.param()
    const grant = c.get('grant')
    // Which files a session will edit, and by which name, is not known before.
    demand(grant, { rights: RIGHTS, ledger, lanes: [null], holders: [null] })
    const door = await this.#door()
    if (door === null || closing.aborted) throw new Problem(503, 'closing', 'The server ends. Ask again.')
    const document = await textOf(c)
    const { hosted } = await ledgers.of(ledger)
    const answer = await door.answer({
      agent,
      document,
      hosted,
      actor: { ...thisProcess(), token: grant.name },
      holder: c.req.header(HOLDER_HEADER) ?? null,
      failed: error => log.error({ err: error, path: c.req.path }, 'a hook failed'),
    })
    return json(answer)
  }

  async #door(): Promise<HookDoor | null> {
    if (this.#load === null) return null
    this.#opening ??= this.#load()
    return this.#opening
  }
}
