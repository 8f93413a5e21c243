import type { LogEntry } from '@holdfast/core'
import { tokenNameOf } from '@holdfast/core/internal'
import { lanesOf } from './lanes-of.ts'
import { plain } from './plain.ts'
import { clock, span } from './times.ts'
import { tone } from './tone.ts'

const TYPE_WIDTH = 'UNRECOGNISED'.length
const REVISION_WIDTH = 7

/** Where it begins behind the date. */
const TIME_OF_DAY = '2026-05-01 '.length

/** One entry on one line: revision, time, type, lane and what it says. Columns are fixed, for lines come one by one. */
export function eventLine(entry: LogEntry): string {
  const revision = `r${entry.revision}`.padEnd(REVISION_WIDTH)
  const type = entry.type.padEnd(TYPE_WIDTH)
  const lanes = lanesOf(entry).map(plain).join(' ')
  const parts = [tone.faint(revision), clock(entry.recordedAt), toneOf(entry)(type), lanes, plain(saying(entry))]
  return parts.filter(part => part !== '').join('  ')
}

/** The same with its time of day alone and without columns, where there is little room. */
export function shortEventLine(entry: LogEntry): string {
  const at = clock(entry.recordedAt).slice(TIME_OF_DAY)
  const lanes = lanesOf(entry).map(plain).join(' ')
  const parts = [at, tone.faint(`r${entry.revision}`), toneOf(entry)(entry.type), lanes, plain(saying(entry))]
  return parts.filter(part => part !== '').join(' ')
}

function toneOf(entry: LogEntry): (text: string) => string {
  switch (entry.type) {
    case 'ACQUIRE':
    case 'ADOPT':
      return tone.good
    case 'REFUSE':
    case 'UNRECOGNISED':
      return tone.bad
    case 'SCAVENGE':
    case 'HALT':
      return tone.warn
    case 'HEARTBEAT':
      return tone.faint
    case 'RELEASE':
    case 'SPAWN':
    case 'CHECKPOINT':
      return text => text
  }
}

function saying(entry: LogEntry): string {
  const said = whatHappened(entry)
  if (entry.type === 'UNRECOGNISED') return said
  const { reason } = entry.data
  const by = tokenNameOf(entry.actor)
  return `${said}${reason === '' ? '' : ` (${reason})`}${by === null ? '' : `, ${byToken(by)}`}`
}

/** The token of a server is no token of a lease, which is a number. */
export function byToken(name: string): string {
  return `by the access token ${name}`
}

function whatHappened(entry: LogEntry): string {
  switch (entry.type) {
    case 'ACQUIRE': {
      const { holder, region, ttlMs, mode } = entry.data
      const covers = region.length === 0 ? '' : `, covers ${region.join(' ')}`
      return `${holder}, token ${entry.revision}, ttl ${span(ttlMs)}${mode === 'shared' ? ', shared' : ''}${covers}`
    }
    case 'RELEASE':
      return `token ${entry.data.token}`
    case 'HEARTBEAT': {
      const { token, activity, exit, children } = entry.data
      const parts = [`token ${token}`]
      if (activity !== undefined) parts.push(`${activity.label} for ${span(activity.grantedMs)}`)
      if (exit !== undefined) parts.push(`exit ${exit.code ?? exit.signal}`)
      if (children !== undefined) parts.push(children.length === 1 ? '1 child' : `${children.length} children`)
      return parts.join(', ')
    }
    case 'ADOPT': {
      const { newHolder, previousToken, forced } = entry.data
      return `${newHolder}, token ${entry.revision} after ${previousToken}${forced ? ', forced' : ''}`
    }
    case 'HALT': {
      const { handle, leaseId, token } = entry.data
      return leaseId === undefined ? `${handle}, matches nothing` : `${handle}, ${leaseId} at token ${token}`
    }
    case 'SPAWN': {
      const { holder, waiting } = entry.data
      return waiting === undefined
        ? `${holder} is starting`
        : `${holder} waits for a human: ${waiting.detail ?? waiting.for}`
    }
    case 'SCAVENGE': {
      const { token, cause, disposition, forced } = entry.data
      return `token ${token}, ${cause}${disposition === 'none' ? '' : `, ${disposition}`}${forced ? ', forced' : ''}`
    }
    case 'REFUSE': {
      const { code, blockers, request, ticket } = entry.data
      const by = blockers.flatMap(({ leaseId }) => (leaseId === null ? [] : [leaseId]))
      const who = request.holder === undefined ? '' : `${request.holder}, `
      const waits = ticket !== undefined && code !== 'withdrawn'
      const what = request.op === 'write' ? 'a write, ' : ''
      return `${who}${what}${code}${by.length === 0 ? '' : ` by ${by.join(' ')}`}${waits ? ', waits' : ''}`
    }
    case 'CHECKPOINT':
      return entry.data.throughRevision === -1
        ? `genesis of ${entry.data.ledgerId}`
        : `through r${entry.data.throughRevision}`
    case 'UNRECOGNISED':
      return `${entry.raw.type}: ${entry.detail}`
  }
}
