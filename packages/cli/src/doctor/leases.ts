import { waitingCycles, type Configuration } from '@holdfast/core'
import { identify, systemProbe } from '@holdfast/engine/lean'
import { drainingViews, instantOf, pendingHalts, ticketViews, type LeaseView } from '@holdfast/projections'
import { forcedEndings, orphanedLeases, recordedTimes, unreapedLeases } from '@holdfast/projections/internal'
import type { NextStep } from '@holdfast/server/schemas'
import { drainSteps, leaseSteps, stopName, type Surroundings } from '@holdfast/server/answers'
import { processText } from '@holdfast/server/text'
import { environment } from '../input/environment.ts'
import { plain } from '../print/plain.ts'
import { clock } from '../print/times.ts'
import { obstruction, type Examination, type Examined, type Patient } from './examination.ts'

/** What keeps lanes closed besides holders who are well. */
export const leases: Examination = async patient => [
  await drains(patient),
  orphans(patient),
  halts(patient),
  unreaped(patient),
  await waiters(patient),
  cycles(patient),
]

async function drains(patient: Patient): Promise<Examined> {
  const { fold, nowMs, ownClock, store, stream } = patient.ledger
  const views = drainingViews(fold.state, { nowMs, ownClock })
  const endings = await forcedEndings(store, stream, views)
  const found = views.map(view => {
    const { leaseId, lane, holder, token, untilMs, ledgerWide } = view
    const ending = endings.get(view)
    const text =
      ledgerWide === true
        ? `the whole ledger drains, for it was restored from a backup: nothing is granted until ${clock(untilMs)}`
        : `${plain(leaseId)} drains until ${clock(untilMs)}: it was taken from ${plain(holder)} (token ${token}) by force`
    const wait = {
      action: 'wait',
      text: 'wait until it is over',
      command: patient.shell.typed.call('wait', [ledgerWide === true ? anyLane(fold.state.config) : lane]),
    } as const
    const own = drainSteps(view, surroundings(patient))
    return {
      subject: ledgerWide === true ? 'the whole ledger' : leaseId,
      text,
      since: ending === undefined ? null : instantOf(ending.recordedAt),
      until: instantOf(untilMs),
      next: [{ ...wait, at: instantOf(untilMs) }, ...own],
    }
  })
  return obstruction('draining', found)
}

/** A ledger that is closed as a whole opens for all lanes at once. */
function anyLane({ freeLanes, lanes }: Configuration): string {
  return (freeLanes ? undefined : Object.keys(lanes)[0]) ?? 'any'
}

function orphans(patient: Patient): Examined {
  const { fold, nowMs, ownClock } = patient.ledger
  const found = orphanedLeases(fold.state, { nowMs, ownClock, probe: systemProbe }).map(orphan => {
    const { lease, child, sinceMs, untilMs } = orphan
    const who = child === null ? 'its children may still run' : `its child ${processText(child)} still runs`
    return {
      subject: lease.leaseId,
      text: `${plain(lease.leaseId)} of ${plain(lease.holder)} has expired, and ${who}`,
      since: instantOf(sinceMs),
      until: untilMs === null ? null : instantOf(untilMs),
      next: stepsOf(patient, lease, child ?? undefined),
    }
  })
  return obstruction('orphans', found)
}

function halts(patient: Patient): Examined {
  const { fold, nowMs } = patient.ledger
  const found = pendingHalts(fold.state, nowMs)
    .filter(({ status }) => status === 'overdue')
    .map(({ leaseId, lane, revision, handle, haltedAtMs }) => {
      const lease = leaseId === null ? undefined : fold.state.leases.get(leaseId)
      const force = { token: String(lease?.token ?? ''), force: true } as const
      const next: NextStep[] =
        lease === undefined
          ? []
          : [
              { action: 'release', text: `${plain(lease.holder)} has to stop and give it up` },
              {
                action: 'scavenge',
                text: 'end it by force; what it covers then drains',
                command: patient.shell.typed.call('scavenge', [lease.lane], force),
              },
            ]
      return {
        subject: leaseId ?? lane ?? handle,
        text: `${plain(leaseId ?? '')} was asked to stop (r${revision}, ${plain(handle)}) and goes on`,
        since: instantOf(haltedAtMs),
        until: null,
        next,
      }
    })
  return obstruction('halts', found)
}

function unreaped(patient: Patient): Examined {
  const { fold, nowMs, ownClock } = patient.ledger
  const found = unreapedLeases(fold.state, { nowMs, ownClock }).map(({ lease, sinceMs, claimedBy }) => {
    const by = claimedBy === null ? 'asked for a reaper, and none has come' : `is being reaped by ${plain(claimedBy)}`
    return {
      subject: lease.leaseId,
      text: `${plain(lease.leaseId)} of ${plain(lease.holder)} is over and ${by}`,
      since: instantOf(sinceMs),
      until: null,
      next: stepsOf(patient, lease),
    }
  })
  return obstruction('unreaped', found)
}

async function waiters({ ledger, shell: { typed } }: Patient): Promise<Examined> {
  const { fold, nowMs, store, stream } = ledger
  const views = ticketViews(fold.state, nowMs)
  const times = await recordedTimes(
    store,
    stream,
    views.map(({ place }) => place),
  )
  const found = views.map(({ holder, lane, place, untilMs }) => {
    const openedMs = times.get(place)
    return {
      subject: lane,
      text: `${plain(holder)} waits for ${plain(lane)}, in line since r${place}`,
      since: openedMs === undefined ? null : instantOf(openedMs),
      until: instantOf(untilMs),
      next: [{ action: 'wait' as const, text: 'see what it waits for', command: typed.call('why', [lane]) }],
    }
  })
  return obstruction('waiting', found)
}

function cycles({ ledger: { fold, nowMs, ownClock }, shell: { typed } }: Patient): Examined {
  const found = waitingCycles(fold.state, nowMs, ownClock).map(cycle => {
    const names = cycle.map(({ holder }) => plain(holder)).join(' → ')
    const blockers = cycle.flatMap(({ blocker: { leaseId, holder } }) =>
      leaseId === null ? [] : [{ leaseId, holder }],
    )
    const next = blockers.map(({ leaseId, holder }) => {
      const text = `ask ${plain(holder ?? 'its holder')} to stop; one release ends the cycle`
      return { action: 'halt' as const, text, command: typed.call('halt', [stopName(leaseId)], { lease: leaseId }) }
    })
    const since = Math.max(...cycle.map(({ place }) => place))
    const text = `holders wait for each other, the last for the first: ${names} (since r${since}); one has to release`
    return { subject: names, text, since: null, until: null, next }
  })
  return obstruction('waiting cycles', found)
}

function stepsOf(patient: Patient, { leaseId }: LeaseView, child?: Parameters<typeof leaseSteps>[1]): NextStep[] {
  const lease = patient.ledger.fold.state.leases.get(leaseId)
  return lease === undefined ? [] : [...leaseSteps(lease, child, surroundings(patient))]
}

function surroundings({ ledger, shell: { typed } }: Patient): Surroundings {
  const { fold, nowMs, ownClock } = ledger
  const asker = environment('HOLDFAST_HOLDER') ?? null
  return { state: fold.state, moment: { nowMs, ownClock }, typed, asker, here: identify(process.pid) }
}
