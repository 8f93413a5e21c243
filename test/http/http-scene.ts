import { request, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import { TokenStore, type HttpDoor, type HttpListen, type Right, type TokenRequest } from '@holdfast/server'
import { Scene } from '../server/scene.ts'

export const ALL: readonly Right[] = [
  'read',
  'acquire',
  'release',
  'heartbeat',
  'spawn',
  'adopt',
  'scavenge',
  'force',
  'halt',
  'admin',
]

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

/** A store that is served by HTTP, with a token that may do everything. */
export class HttpScene implements AsyncDisposable {
  readonly scene: Scene
  readonly url: string
  readonly tokens: TokenStore
  readonly owner: string
  readonly door: HttpDoor

  private constructor(scene: Scene, door: HttpDoor) {
    this.scene = scene
    this.url = door.url
    this.door = door
    this.tokens = new TokenStore(scene.url)
    this.owner = this.token({ name: 'owner', can: [...ALL] })
  }

  static async make(http: Partial<HttpListen> = {}, options: Parameters<Scene['serve']>[0] = {}): Promise<HttpScene> {
    const scene = await Scene.make()
    const server = await scene.serve({ ...options, http: { listen: '127.0.0.1:0', ...http } })
    const door = server.http
    if (door === null) throw new Error('it listens')
    return new HttpScene(scene, door)
  }

  pageAddress(): string {
    return this.door.newPageAddress()
  }

  token(request: TokenRequest): string {
    return this.tokens.create(request, Date.now()).secret
  }

  /** A command, by the owner unless a token is given. */
  post(
    operation: string,
    body: unknown,
    { token = this.owner, headers = {} }: { readonly token?: string; readonly headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return this.ask(`/v1/ledgers/default/${operation}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  }

  get(path: string, { token = this.owner, headers = {} }: { token?: string; headers?: Record<string, string> } = {}) {
    return this.ask(`/v1/ledgers/default/${path}`, { headers: { Authorization: `Bearer ${token}`, ...headers } })
  }

  /** Any request, with every header as it is given: `fetch` would not send some. */
  ask(path: string, { body = '', ...options }: RequestOptions & { readonly body?: string } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(`${this.url}${path}`, { agent: false, ...options }, response => {
        let text = ''
        response.on('data', (piece: Buffer) => (text += piece.toString()))
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response
          resolve({ status, headers, text, json: parsed(text) })
        })
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]()
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
  } catch {
    return {}
  }
}
