import { countedTimes, liveLeases, waitingCycles, closedToGrants } from '@holdfast/core'
import { identify } from '@holdfast/engine/lean'
import type { LedgerCheck } from '@holdfast/projections'
import { plain } from '../print/plain.ts'
import { table } from '../print/table.ts'
import { span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { openFold, type OpenFold } from '../program/open-fold.ts'
import type { DoctorAnswer } from '../schemas/questions.ts'
import type { Define } from './define.ts'
import { filesCheck } from './doctor-files.ts'

/** The oldest Node that has all that the published packages use. */
const NODE_MAJOR_MIN = 24

/** Apart by more than this, times that people read no longer fit those of other systems. */
const CLOCK_APART_MS = 60_000

/** Events since the last CHECKPOINT from which on it is worth writing another. */
const LONG_LOG_EVENTS = 1_000_000

/** `doctor`: quick looks at what tends to be wrong around a ledger, each with what to do. `verify` reads the whole log. */
export const doctor: Define = (command, shell) => {
  examples(command, 'holdfast doctor', "holdfast doctor --json | jq -r '.checks[] | select(.ok | not).detail'")
  shell.does(command, async () => {
    await using ledger = await openFold(shell)
    const checks = [nodeCheck(), processCheck(), ...ledgerChecks(ledger), clockCheck(ledger)]
    checks.push(await lengthCheck(ledger), await filesCheck(ledger.store))
    const ok = checks.every(check => check.ok || check.severity === 'finding')
    const answer: DoctorAnswer = { ...ledger.at, ok, checks }
    await shell.answer(answer, lines)
    return ok ? EXIT.done : EXIT.untrusted
  })
}

function finding(name: string, count: number, detail: string): LedgerCheck {
  return { name, ok: count === 0, count, severity: 'finding', ...(count === 0 ? {} : { detail }) }
}

function nodeCheck(): LedgerCheck {
  const major = Number(process.versions.node.split('.')[0])
  const tooOld = major < NODE_MAJOR_MIN ? 1 : 0
  return finding('node', tooOld, `Node ${process.versions.node} runs this; install ${NODE_MAJOR_MIN} or newer.`)
}

function processCheck(): LedgerCheck {
  const own = identify(process.pid)
  const blind = own === null || own.bootId === null || own.processStart === null ? 1 : 0
  const detail = 'Processes cannot be told apart on this system: their deaths stay unknown, and leases end by expiry.'
  return finding('processes', blind, detail)
}

function ledgerChecks({ fold: { state }, nowMs, ownClock }: OpenFold): readonly LedgerCheck[] {
  const closed = closedToGrants(state)
  const owing = liveLeases(state).filter(({ reap }) => reap === 'required')
  // Only what a reaper could end now: where the log clock can step that is later.
  const unreaped = owing.filter(lease => nowMs >= countedTimes(state, lease, { nowMs, ownClock }).expiresAtMs)
  const cycles = waitingCycles(state, nowMs, ownClock)
  const names = cycles.map(cycle => cycle.map(({ holder }) => holder).join(' → '))
  return [
    {
      name: 'writers',
      ok: closed === null,
      count: closed === null ? 0 : 1,
      severity: 'fault',
      ...(closed === null ? {} : { detail: closed.message }),
    },
    finding('waiting cycles', cycles.length, `Holders wait for each other: ${names.join('; ')}. One has to release.`),
    finding(
      'unreaped',
      unreaped.length,
      `${unreaped.map(({ leaseId }) => leaseId).join(', ')}: expired, and asked for a reaper; run \`holdfast reap\`.`,
    ),
    finding(
      'unrecognised',
      state.unrecognisedCount,
      'Entries that this program cannot read; `holdfast log --type UNRECOGNISED` shows them.',
    ),
  ]
}

function clockCheck({ nowMs }: OpenFold): LedgerCheck {
  const apartMs = Math.abs(Date.now() - nowMs)
  const detail = `The ledger's clock and this host's are ${span(apartMs)} apart. Leases do not depend on it; times that people read do.`
  return finding('clock', apartMs > CLOCK_APART_MS ? 1 : 0, detail)
}

async function lengthCheck({ at, store, stream }: OpenFold): Promise<LedgerCheck> {
  const checkpoint = await store.latestCheckpoint(stream)
  const events = at.head - (checkpoint?.revision ?? 0)
  const detail = `${events} revisions since the last CHECKPOINT; \`holdfast compact\` shortens the log.`
  return finding('length', events > LONG_LOG_EVENTS ? 1 : 0, detail)
}

function lines({ ok, checks }: DoctorAnswer): readonly string[] {
  const rows = checks.map(({ name, ok: holds, severity, detail }) => [
    holds ? tone.good('ok') : severity === 'fault' ? tone.bad('FAULT') : tone.warn('finding'),
    name,
    detail === undefined ? '' : plain(detail),
  ])
  return [...table(rows), ok ? tone.good('Nothing stands in the way.') : tone.bad('Nothing can be granted here.')]
}
