import { leaseJson, queryLeases, type LeaseView } from '@holdfast/projections'
import {
  ResourceTemplate,
  type McpServer,
  type ReadResourceResult,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { faultWords, now } from './call.ts'
import type { Desk } from './desk.ts'

const JSON_TYPE = 'application/json'

/** Adds what can be read: all leases, those of a lane, those of a holder. */
export function addResources(server: McpServer, desk: (ctx: ServerContext) => Desk): void {
  const read = async (uri: URL, ctx: ServerContext, isMeant: (lease: LeaseView) => boolean) =>
    leases(desk(ctx), { uri, cancelled: ctx.mcpReq.signal, isMeant })
  server.registerResource(
    'leases',
    'holdfast://leases',
    { description: 'All leases', mimeType: JSON_TYPE },
    (uri, ctx) => read(uri, ctx, () => true),
  )
  server.registerResource(
    'lane',
    new ResourceTemplate('holdfast://lane/{lane}', { list: undefined }),
    { description: 'Leases of a lane', mimeType: JSON_TYPE },
    (uri, { lane }, ctx) => read(uri, ctx, one => isNamed(lane, one.lane)),
  )
  server.registerResource(
    'holder',
    new ResourceTemplate('holdfast://holder/{holder}', { list: undefined }),
    { description: 'Leases of a holder', mimeType: JSON_TYPE },
    (uri, { holder }, ctx) => read(uri, ctx, one => isNamed(holder, one.holder)),
  )
}

interface Reading {
  readonly uri: URL
  readonly cancelled: AbortSignal
  readonly isMeant: (lease: LeaseView) => boolean
}

/** Reading renews nothing: clients read resources without their model. */
async function leases(desk: Desk, { uri, cancelled, isMeant }: Reading): Promise<ReadResourceResult> {
  const text = JSON.stringify(await found(desk, cancelled, isMeant))
  return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text }] }
}

async function found(desk: Desk, cancelled: AbortSignal, isMeant: Reading['isMeant']): Promise<object> {
  try {
    desk.demand({ rights: ['read'] })
    const { state, nowMs } = await now({ desk, served: await desk.open(false), cancelled })
    return queryLeases({ state }, nowMs)
      .filter(isMeant)
      .map(leaseJson)
      .map(({ leaseId, lane, holder, mode, region, safeUntil, expiresAt, expired }) => {
        return { leaseId, lane, holder, mode, region, safeUntil, expiresAt, expired }
      })
  } catch (error) {
    const words = faultWords(error)
    if (words === null) desk.failed(error)
    return { error: words ?? 'Something unexpected went wrong; read it again.' }
  }
}

function isNamed(variable: string | readonly string[] | undefined, name: string): boolean {
  const given = typeof variable === 'string' ? variable : (variable ?? []).join('/')
  return given === name || decoded(given) === name
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
