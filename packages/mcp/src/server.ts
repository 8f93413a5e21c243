import { CLIENT_INFO_META_KEY, McpServer, type CallToolResult, type ServerContext } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { called, result } from './call.ts'
import { check } from './check.ts'
import { compact } from './compact.ts'
import { claim } from './claim.ts'
import type { At, Desk } from './desk.ts'
import { explain } from './explain.ts'
import { haltRequests, status, why } from './questions.ts'
import { release } from './release.ts'
import { addResources } from './resources.ts'
import { TOOLS } from './tools.ts'
import type { Told } from './told.ts'
import { wait } from './wait.ts'

/** What every model is told once. */
const INSTRUCTIONS =
  'Holdfast keeps agents from overwriting each other. Before you write files: claim them; when done: release. Refused: work elsewhere, or do what next says (a list of calls: tool, arguments, why). news tells what you lost: stop there. explain tells more.'

/** Who the client says that it is. */
export interface ClientName {
  readonly name: string
}

/** A server of the protocol for one session, or for one request of it. */
export function mcpServer(version: string, deskOf: (client: ClientName | undefined) => Desk): McpServer {
  const server = new McpServer(
    { name: 'holdfast', version },
    { instructions: INSTRUCTIONS, capabilities: { tools: {}, resources: {} } },
  )
  // The newer protocol names the client in each request. The older one does when a connection begins, and there is no other way to ask.
  // oxlint-disable-next-line typescript/no-deprecated
  const older = (): ClientName | undefined => server.server.getClientVersion()
  const desk = ({ mcpReq }: ServerContext): Desk => deskOf(named(mcpReq.envelope) ?? older())
  const run = (ctx: ServerContext, work: (at: At) => Promise<Told>, make = false): Promise<CallToolResult> =>
    called(desk(ctx), { make, cancelled: ctx.mcpReq.signal }, work)
  server.registerTool('claim', told(TOOLS.claim), (input, ctx) => run(ctx, at => claim(input, at), true))
  server.registerTool('release', told(TOOLS.release), (input, ctx) => run(ctx, at => release(input, at)))
  server.registerTool('check', told(TOOLS.check), (input, ctx) => run(ctx, at => check(input, at)))
  server.registerTool('wait', told(TOOLS.wait), (input, ctx) => run(ctx, at => wait(input, at)))
  server.registerTool('status', told(TOOLS.status), (input, ctx) => run(ctx, at => status(input, at)))
  server.registerTool('why', told(TOOLS.why), (input, ctx) => run(ctx, at => why(input, at)))
  server.registerTool('halt_requests', told(TOOLS.halt_requests), (input, ctx) =>
    run(ctx, at => haltRequests(input, at)),
  )
  server.registerTool('explain', told(TOOLS.explain), ({ topic }) => result(explain(topic), []))
  addResources(server, desk)
  return server
}

const Named = z.looseObject({ [CLIENT_INFO_META_KEY]: z.looseObject({ name: z.string() }) })

/** What a request says of its client, where it says it well. */
function named(envelope: unknown): ClientName | undefined {
  const read = Named.safeParse(envelope)
  return read.success ? read.data[CLIENT_INFO_META_KEY] : undefined
}

/** A tool as clients are told of it. */
function told<I extends z.ZodType, O extends z.ZodType, R extends object>({
  inputSchema,
  outputSchema,
  ...rest
}: R & { readonly inputSchema: I; readonly outputSchema: O }) {
  return { ...rest, inputSchema: compact(inputSchema), outputSchema: compact(outputSchema) }
}
