import { useSignal } from '@preact/signals'
import { ApiError, LedgerApi } from '../link/api.ts'
import type { Lease } from '../model/live-set.ts'
import { RIGHTS_OF, type Action } from '../model/rights.ts'
import { clockText } from '../model/spans.ts'
import { forbidden, ledger, sight } from '../state/page-state.ts'

interface Offer {
  readonly action: Action
  readonly title: string
  /** What it does, before it is done. */
  readonly meaning: (lease: Lease, nowMs: number) => string
  readonly done: string
  readonly isGrave: boolean
  readonly body: (lease: Lease, given: { reason: string; holder: string }) => object
}

const OFFERS: readonly Offer[] = [
  {
    action: 'halt',
    title: 'HALT',
    meaning: ({ holder }) =>
      `Asks ${holder} to stop. A program under "holdfast run" is stopped and gives the lease back; the lease stays held until then.`,
    done: 'The HALT is recorded. It is confirmed when the holder has given the lease back.',
    isGrave: false,
    body: ({ lane, leaseId }, { reason }) => ({ handle: leaseId, lane, leaseId, reason }),
  },
  {
    action: 'adopt',
    title: 'Adopt',
    meaning: ({ holder, expiresAt }, nowMs) =>
      `Gives the lease to a new holder under a new token; what ${holder} does under the old one is refused. It is done by force: the guard of the new holder opens when ${holder} can no longer believe in it, at ${clockText(Date.parse(expiresAt), nowMs)} at the latest.`,
    done: 'The lease has a new holder.',
    isGrave: true,
    body: ({ lane, token }, { reason, holder }) => ({
      lane,
      holder,
      expectToken: token,
      force: true,
      reason,
    }),
  },
  {
    action: 'scavenge',
    title: 'End by force',
    meaning: ({ holder, expiresAt }, nowMs) =>
      `Takes the lease from ${holder}. It then drains until ${clockText(Date.parse(expiresAt), nowMs)}: nobody else gets it before, because ${holder} may still believe in it.`,
    done: 'The lease is ended.',
    isGrave: true,
    body: ({ lane, token }, { reason }) => ({ lane, token, force: true, reason }),
  },
]

/** What can be done about a lease. */
export function Actions({ lease, nowMs }: { lease: Lease; nowMs: number }) {
  const open = useSignal<Action | null>(null)
  const told = useSignal<{ readonly isGood: boolean; readonly text: string } | null>(null)
  const offer = OFFERS.find(({ action }) => action === open.value)
  const lacking = OFFERS.filter(({ action }) => forbidden.value.has(action))
  return (
    <section class="actions" aria-label="Actions">
      <div class="action-row">
        {OFFERS.map(({ action, title, isGrave }) => (
          <button
            key={action}
            type="button"
            class={isGrave ? 'grave' : ''}
            disabled={forbidden.value.has(action) || sight.value === 'stale'}
            aria-expanded={open.value === action}
            onClick={() => {
              told.value = null
              open.value = open.value === action ? null : action
            }}
          >
            {title}
          </button>
        ))}
      </div>
      {lacking.map(({ action, title }) => (
        <p key={action} class="faint">
          {title}: {forbidden.value.get(action)} It takes <code>--can {RIGHTS_OF[action].join(',')}</code>, or a page of{' '}
          <code>holdfast serve --open</code>.
        </p>
      ))}
      {offer === undefined ? null : (
        <ActionForm
          key={offer.action}
          offer={offer}
          lease={lease}
          nowMs={nowMs}
          close={said => {
            open.value = null
            told.value = said
          }}
        />
      )}
      <p role="status" class={told.value === null ? 'visually-hidden' : `notice ${told.value.isGood ? 'good' : 'bad'}`}>
        {told.value?.text}
      </p>
    </section>
  )
}

interface FormParts {
  readonly offer: Offer
  readonly lease: Lease
  readonly nowMs: number
  readonly close: (told: { isGood: boolean; text: string } | null) => void
}

function ActionForm({ offer, lease, nowMs, close }: FormParts) {
  const reason = useSignal('')
  const holder = useSignal('')
  const isBusy = useSignal(false)
  const send = async (): Promise<void> => {
    isBusy.value = true
    try {
      await new LedgerApi(ledger.value).act(
        offer.action,
        offer.body(lease, { reason: reason.value.trim(), holder: holder.value.trim() }),
      )
      close({ isGood: true, text: offer.done })
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) {
        forbidden.value = new Map(forbidden.value).set(offer.action, error.message)
      }
      close({ isGood: false, text: refusalText(error) })
    }
  }
  return (
    <form
      class="action-form"
      onSubmit={event => {
        event.preventDefault()
        if (!isBusy.value) void send()
      }}
    >
      <p dir="auto">{offer.meaning(lease, nowMs)}</p>
      {offer.action === 'adopt' ? (
        <label>
          New holder
          <input
            required
            maxLength={256}
            value={holder.value}
            onInput={event => (holder.value = event.currentTarget.value)}
          />
        </label>
      ) : null}
      <label>
        Reason
        <input
          required
          maxLength={1024}
          placeholder="It is recorded with the event"
          value={reason.value}
          ref={element => {
            if (offer.action !== 'adopt' && element !== null && reason.peek() === '') element.focus()
          }}
          onInput={event => (reason.value = event.currentTarget.value)}
        />
      </label>
      <div class="action-row">
        <button type="submit" class={offer.isGrave ? 'grave is-sure' : 'is-sure'} disabled={isBusy.value}>
          {offer.title}
        </button>
        <button type="button" class="quiet" onClick={() => close(null)}>
          Cancel
        </button>
      </div>
    </form>
  )
}

function refusalText(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error)
  if (error.status === 0) return 'The server did not answer. Whether it was done stands in the log.'
  if (error.status === 410) return 'It is not held under this token any more. Nothing was done.'
  return error.message
}
