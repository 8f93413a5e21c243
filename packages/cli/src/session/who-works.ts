import { liveLeases } from '@holdfast/core'
import type { Ledger } from '@holdfast/engine/lean'
import {
  sessionKey,
  sessionName,
  sessionRecord,
  type SessionFiles,
  type SessionKey,
  type SessionRecord,
} from '@holdfast/engine/sessions'
import { StoreError } from '@holdfast/store'
import { UsageError } from '../failure/usage-error.ts'
import { WriterHolder } from '../input/writer-shapes.ts'
import { firstFaults } from '../input/faults.ts'
import { plain } from '../print/plain.ts'
import { shellWord } from '../print/shell-word.ts'
import type { AgentCall } from './agent-call.ts'

/** Whose document it is. */
export interface Worker {
  readonly key: SessionKey
  readonly name: ReturnType<typeof holderNamed>
  /** Of a sub-agent that the document tells apart: the holder of its session, in whose leases it may work as well. */
  readonly parent: ReturnType<typeof holderNamed> | null
  readonly record: SessionRecord
  /** Nothing was known of it before. */
  readonly isNew: boolean
}

/** Names the session, or the sub-agent, that a document is about. */
export function whoWorks(
  ledger: Ledger,
  files: SessionFiles | null,
  call: Pick<AgentCall, 'agent' | 'hook' | 'holder'>,
): Worker {
  const { agent, hook, holder } = call
  const { who } = hook.seen
  if (who === null) throw new Error('a document without a session is no session’s')
  const inUse = holdersOf(ledger)
  const here = { name: ledger.stream, ledgerId: ledger.ledgerId }
  const known = (key: SessionKey, begin: string, given: string | undefined) => {
    const remembered = files?.read(key) ?? null
    const isInUse = (name: string): boolean => inUse.has(name)
    const name = given ?? remembered?.name ?? sessionName(key, { files, begin, isInUse })
    const fresh = sessionRecord(name, here)
    const begun = remembered ?? files?.begin(key, fresh) ?? fresh
    checkSame(ledger, begun, files?.placeOf(key))
    // What the user has set counts from now on, whatever it was called before.
    const record = { ...begun, name: given ?? begun.name, begunIn: here }
    return { key, name: holderNamed(record.name), record, isNew: remembered === null }
  }
  const session = known(sessionKey(agent, { session: who.session, subagent: null }), agent, holder)
  if (who.subagent === null) return { ...session, parent: null }
  return { ...known(sessionKey(agent, who), session.name, undefined), parent: session.name }
}

/**
 * A session whose ledger was put in another one's place knows nothing of who holds what: its own leases are not there either.
 *
 * @throws StoreError for a ledger of the same name and another id.
 */
function checkSame(ledger: Ledger, { begunIn }: SessionRecord, place: string | undefined): void {
  const isOther = begunIn !== null && begunIn.name === ledger.stream && begunIn.ledgerId !== ledger.ledgerId
  if (!isOther || place === undefined) return
  throw new StoreError(
    'unavailable',
    `${plain(ledger.url)} holds the ledger ${ledger.ledgerId}, and this session began in the ledger ${begunIn.ledgerId}: what others hold there is not known here. Put that one back. If the new one is meant, start a new session; or \`rm ${shellWord(place)}\` lets this one begin anew.`,
    { detail: 'replaced' },
  )
}

/** Everybody who holds something, or may still believe that they do. */
function holdersOf(ledger: Ledger): ReadonlySet<string> {
  const { state } = ledger
  const drains = [...state.draining.kept(state.clockMs)].map(([, { holder }]) => holder)
  return new Set<string>([...liveLeases(state).map(({ holder }) => holder), ...drains])
}

function holderNamed(name: string) {
  const shaped = WriterHolder.safeParse(name)
  if (shaped.success) return shaped.data
  throw new UsageError(`holder: ${firstFaults(shaped.error)}`)
}
