import { randomUUID } from 'node:crypto'
import { Holder } from '@holdfast/core'
import { InputError, thisProcess } from '@holdfast/engine'
import { GUARD_DEFAULTS, type GuardedPath } from '@holdfast/engine/write-guard'
import { isGrantedTo, lacking, type McpAsked, type McpDoor } from '@holdfast/server'
import { createMcpHandler } from '@modelcontextprotocol/server'
import { claimedRegionOf } from './literal-paths.ts'
import type { Desk } from './desk.ts'
import { mcpServer } from './server.ts'
import { Session } from './session.ts'
import { NotAllowed } from './told.ts'

/** Sessions that are remembered; the one that was used least lately goes first. */
const SESSIONS_MAX = 1_000

/** Streams of one server on which nothing is ever said. */
const SUBSCRIPTIONS_MAX = 16

/**
 * Answers `/mcp`. The protocol has no sessions any more, and the older one is served without: a session is a token together
 * with the name of a holder, which the client sends as the header `Holdfast-Holder`.
 */
export function mcpDoor(version: string): McpDoor {
  const sessions = new Map<string, Session>()
  const asking = new Map<string, McpAsked>()
  const handler = createMcpHandler(
    ({ authInfo }) => {
      const asked = asking.get(authInfo?.clientId ?? '')
      if (asked === undefined) throw new Error('whoever asks is known')
      return mcpServer(version, () => deskOf(asked, sessions))
    },
    { maxSubscriptions: SUBSCRIPTIONS_MAX, onerror: () => {} },
  )
  return {
    fetch: async (request, asked) => {
      const clientId = randomUUID()
      asking.set(clientId, asked)
      try {
        return await handler.fetch(request, { authInfo: { token: '', clientId, scopes: [] } })
      } finally {
        asking.delete(clientId)
      }
    },
    close: () => handler.close(),
  }
}

function deskOf(asked: McpAsked, sessions: Map<string, Session>): Desk {
  const { grant, ledger, gone, place, lasting, failed } = asked
  const { name, fault } = holderOf(asked)
  return {
    session: sessionOf(sessions, [ledger, grant.name, name ?? '']),
    holder: () => {
      if (name !== null) return name
      throw new NotAllowed(fault)
    },
    open: () => asked.served(),
    asker: () => ({ actor: { ...thisProcess(), token: grant.name }, gone }),
    wasGranted: ({ token }, { hosted }) => isGrantedTo(hosted.ledger, token, grant.name),
    root: place.root,
    workTree: null,
    demand: need => {
      const lack = lacking(grant, { ...need, ledger })
      if (lack !== null) throw new NotAllowed(`The token ${grant.name} may not do this: ${lack}. Nothing was done.`)
    },
    region: claimedRegionOf,
    places: paths => paths.map(literalPlace),
    // The ledgers of other repositories are none of this store's business.
    refusedElsewhere: async () => [],
    policy: GUARD_DEFAULTS,
    lasting,
    failed,
  }
}

/** As whom a client acts: as it says itself, or as the only one that its token may act as. */
function holderOf({ holder, grant: { holders } }: McpAsked): Named {
  if (holder !== null) return named(holder)
  const [only, ...others] = holders ?? []
  return { name: only !== undefined && others.length === 0 && !only.includes('*') ? only : null, fault: NAMELESS }
}

interface Named {
  readonly name: string | null
  /** What to say where there is no name. */
  readonly fault: string
}

function named(header: string): Named {
  const holder = Holder.safeParse(textOf(header))
  if (holder.success) return { name: holder.data, fault: '' }
  const faults = holder.error.issues.map(({ message }) => message).join('; ')
  return { name: null, fault: `The header Holdfast-Holder is no name: ${faults}. ${MENDED_BY}` }
}

/** Headers come as one character for each byte. Most clients send UTF-8, and the others what they come as. */
function textOf(header: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'))
  } catch {
    return header
  }
}

const MENDED_BY = 'Nothing was done; a person configures that (docs/mcp.md).'

const NAMELESS =
  'Nobody says who you are. The client has to send the header `Holdfast-Holder: NAME` with each request, with a name of its own for each agent; a person configures that (docs/mcp.md).'

function sessionOf(sessions: Map<string, Session>, parts: readonly string[]): Session {
  const key = JSON.stringify(parts)
  const [, token = ''] = parts
  const session = sessions.get(key) ?? new Session(`${token}/`)
  // The order of a map is that of its insertions.
  sessions.delete(key)
  sessions.set(key, session)
  const [oldest] = sessions.keys()
  if (sessions.size > SESSIONS_MAX && oldest !== undefined) sessions.delete(oldest)
  return session
}

/** Where a path leads by its text alone: the files of whoever asks lie elsewhere, and ours are none of his business. */
function literalPlace(given: string): GuardedPath {
  const path = given.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '')
  const parts = path.split('/')
  const isRelative = path !== '' && !path.startsWith('/') && !/^[a-z]:\//i.test(path)
  if (!isRelative || path.includes('\0') || parts.some(part => part === '..' || part === '.' || part === '')) {
    const message = `${JSON.stringify(given.slice(0, 200))}: write a path relative to the top of the repository, without . and ..`
    throw new InputError([{ path: 'paths', message }])
  }
  return { given, inside: [path], outside: [] }
}
