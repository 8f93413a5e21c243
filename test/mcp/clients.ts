import {
  Client,
  StreamableHTTPClientTransport,
  type CallToolResult,
  type ClientOptions,
} from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import * as z from 'zod'
import { COMMAND } from '../setup/command.ts'

/** What a scripted agent reads of an answer. */
const Answer = z.looseObject({
  outcome: z.string().optional(),
  lease: z.string().optional(),
  allowed: z.boolean().optional(),
  free: z.boolean().optional(),
  text: z.string(),
  next: z.array(z.object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()), why: z.string() })),
  news: z.array(z.string()).default([]),
})
export type Answer = z.infer<typeof Answer>

/** The newest protocol is spoken where both sides do. */
export const NEWEST: ClientOptions = { versionNegotiation: { mode: 'auto' } }

/** A scripted agent behind the official client. */
export class Agent implements AsyncDisposable {
  readonly client: Client
  /** All that it was told, in the words for a model. */
  readonly heard: string[] = []

  private constructor(client: Client) {
    this.client = client
  }

  static async byStdio(
    folder: string,
    args: readonly string[] = [],
    options = NEWEST,
    name = 'Claude Code',
  ): Promise<Agent> {
    const client = new Client({ name, version: '1' }, options)
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, XDG_RUNTIME_DIR: folder }
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [COMMAND, 'mcp', ...args],
        cwd: folder,
        env,
        stderr: 'ignore',
      }),
    )
    return new Agent(client)
  }

  static async byHttp(url: string, headers: Readonly<Record<string, string>>, options = NEWEST): Promise<Agent> {
    const client = new Client({ name: 'remote', version: '1' }, options)
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }))
    return new Agent(client)
  }

  async raw(tool: string, args: object = {}): Promise<CallToolResult> {
    const answered = await this.client.callTool({ name: tool, arguments: { ...args } })
    this.heard.push(wordsOf(answered))
    return answered
  }

  async call(tool: string, args: object = {}): Promise<Answer> {
    const answered = await this.raw(tool, args)
    if (answered.isError === true) throw new Error(wordsOf(answered))
    return Answer.parse(answered.structuredContent)
  }

  async read(uri: string): Promise<unknown> {
    const [content] = (await this.client.readResource({ uri })).contents
    return content !== undefined && 'text' in content ? JSON.parse(content.text) : null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close()
  }
}

export function wordsOf({ content }: CallToolResult): string {
  return content.map(part => (part.type === 'text' ? part.text : '')).join('\n')
}
