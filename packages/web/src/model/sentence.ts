import { fieldsOf, listOf, numberOf, textOf, textsOf, type LogEvent } from './log-event.ts'
import { refusalOf, type Blocker } from './requested.ts'
import { spanText } from './spans.ts'

/** An event in words, without its lane and time. */
export function sentenceOf(event: LogEvent): string {
  const reason = textOf(event.data, 'reason')
  const said = saying(event)
  return reason === null ? said : `${said} (${reason})`
}

function saying(event: LogEvent): string {
  const { data } = event
  const token = numberOf(data, 'token')
  switch (event.type) {
    case 'ACQUIRE': {
      const region = textsOf(data, 'region')
      const covers = region.length === 0 ? '' : `, covers ${region.join(' ')}`
      const shared = textOf(data, 'mode') === 'shared' ? ', shared' : ''
      return `granted to ${textOf(data, 'holder') ?? '?'} for ${spanText(numberOf(data, 'ttlMs') ?? 0)}${shared}${covers}`
    }
    case 'RELEASE':
      return `released at token ${token ?? '?'}`
    case 'HEARTBEAT': {
      const activity = fieldsOf(data['activity'])
      const exit = fieldsOf(data['exit'])
      const parts = [`beat at token ${token ?? '?'}`]
      if (activity !== null)
        parts.push(`${textOf(activity, 'label') ?? 'activity'} for ${spanText(numberOf(activity, 'grantedMs') ?? 0)}`)
      if (exit !== null) parts.push(`its program ended with ${numberOf(exit, 'code') ?? textOf(exit, 'signal') ?? '?'}`)
      const children = listOf(data, 'children').length
      if (children > 0) parts.push(children === 1 ? '1 child' : `${children} children`)
      return parts.join(', ')
    }
    case 'ADOPT': {
      const ground = textOf(data, 'ground')
      const forced =
        data['forced'] === true ? 'by force' : ground === null ? '' : `because ${wordsFor(GROUND_TEXT, ground)}`
      return `adopted by ${textOf(data, 'newHolder') ?? '?'} ${forced}`.trim()
    }
    case 'HALT':
      return textOf(data, 'leaseId') === null ? 'HALT that matched no lease' : 'HALT: its holder is asked to stop'
    case 'SPAWN': {
      const who = textOf(data, 'holder') ?? '?'
      const waiting = fieldsOf(data['waiting'])
      if (waiting === null) return `${who} is starting`
      const detail = textOf(waiting, 'detail')
      return `${who} waits for a human: ${textOf(waiting, 'for') ?? '?'}${detail === null ? '' : `, ${detail}`}`
    }
    case 'SCAVENGE': {
      const cause = textOf(data, 'cause') ?? ''
      const forced = data['forced'] === true ? ', by force' : ''
      return `evicted: ${wordsFor(CAUSE_TEXT, cause)}${forced}`
    }
    case 'REFUSE':
      return refusing(event)
    case 'CHECKPOINT': {
      const through = numberOf(data, 'throughRevision')
      return through === null || through < 0 ? 'the ledger begins' : `checkpoint through r${through}`
    }
    case 'UNRECOGNISED':
      return 'written by a newer program; this one cannot read it'
  }
}

function refusing(event: LogEvent): string {
  const { code, op, holder, blockers, moreBlockers, ticketMs } = refusalOf(event)
  const who = holder ?? 'somebody'
  if (code === 'withdrawn') return `${who} waits no longer`
  const what = op === 'acquire' ? '' : ` the ${op}`
  const first = blockers[0]
  const more = blockers.length - 1 + moreBlockers
  const by = first === undefined ? '' : ` (${blockerText(first)}${more > 0 ? `, and ${more} more` : ''})`
  return `refused ${who}${what}: ${codeText(code)}${by}${ticketMs === null ? '' : '; waits in line'}`
}

/** Whoever stands in the way, in words. */
export function blockerText({ leaseId, holder, lane, witness, ticket }: Blocker): string {
  const who = holder ?? lane ?? leaseId ?? 'an earlier request'
  const what = ticket !== null && leaseId === null ? `${who} is earlier in line` : `${who} has it`
  return witness === null ? what : `${what}, both cover ${witness}`
}

/** A code of a refusal in words. */
export function codeText(code: string): string {
  return wordsFor(CODE_TEXT, code)
}

/** A newer program may write words that are not known here, and names that every object has. */
function wordsFor(known: Readonly<Record<string, string>>, name: string): string {
  return Object.hasOwn(known, name) ? (known[name] ?? name) : name
}

const GROUND_TEXT: Record<string, string> = {
  expired: 'it had expired',
  'process-dead': 'its process was dead',
  exited: 'its program had ended',
  forced: 'an operator said so',
}

const CAUSE_TEXT: Record<string, string> = {
  expired: 'it had expired',
  'process-dead': 'its process was dead',
  exited: 'its program had ended',
  'age-ceiling': 'it was too old',
  manual: 'an operator ended it',
}

const CODE_TEXT: Readonly<Record<string, string>> = {
  'lane-held': 'the lane is held',
  'region-held': 'the region is held',
  'exclusive-lane-live': 'an exclusive lane is live',
  'budget-exhausted': 'the budget of its kind is used up',
  draining: 'an old holder may still believe in it',
  'orphan-alive': 'a child of the old holder still runs',
  'awaiting-reap': 'a reaper has to end it first',
  'queued-behind': 'others are earlier in line',
  'held-by-self': 'it holds what it asks for already',
  'queue-full': 'too many commands wait',
  'unknown-lane': 'the lane is not declared',
  'self-conflict': 'its claims conflict with each other',
  'request-id-reused': 'the request id belongs to another request',
  'predicate-refused': 'a local rule refused it',
  'still-held': 'it is still held, and there is no ground to end it',
}
