import { useSignal } from '@preact/signals'
import { ApiError, LedgerApi } from '../link/api.ts'
import type { Lease } from '../model/live-set.ts'
import { RIGHTS_OF, type Action } from '../model/rights.ts'
import { clockText } from '../model/spans.ts'
import { forbidden, isFresh, ledger } from '../state/page-state.ts'

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
  /** What is about to be done, to the ownership that was seen then. */
  const open = useSignal<{ readonly offer: Offer; readonly seen: Lease } | null>(null)
  const told = useSignal<{ readonly isGood: boolean; readonly text: string } | null>(null)
  const lacking = OFFERS.filter(({ action }) => forbidden.value.has(action))
  return (
    <section class="actions" aria-label="Actions">
      <div class="action-row">
        {OFFERS.map(offer => (
          <button
            key={offer.action}
            type="button"
            class={offer.isGrave ? 'grave' : ''}
            disabled={forbidden.value.has(offer.action) || !isFresh.value}
            aria-expanded={open.value?.offer === offer}
            onClick={() => {
              told.value = null
              open.value = open.value?.offer === offer ? null : { offer, seen: lease }
            }}
          >
            {offer.title}
          </button>
        ))}
      </div>
      {lacking.map(({ action, title }) => (
        <p key={action} class="faint">
          {title}: {forbidden.value.get(action)} It takes <code>--can {RIGHTS_OF[action].join(',')}</code>, or a page of{' '}
          <code>holdfast serve --open</code>.
        </p>
      ))}
      {open.value === null ? null : (
        <ActionForm
          key={`${open.value.offer.action} ${open.value.seen.token}`}
          {...open.value}
          holds={lease.token === open.value.seen.token}
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
  readonly seen: Lease
  /** Whether the lease is still held under the token that was seen. */
  readonly holds: boolean
  readonly nowMs: number
  readonly close: (told: { isGood: boolean; text: string } | null) => void
}

/** A request as it was sent: with the same key and body it is the same request, however often it is sent. */
interface Sent {
  readonly key: string
  readonly body: object
}

function ActionForm({ offer, seen, holds, nowMs, close }: FormParts) {
  const reason = useSignal('')
  const holder = useSignal('')
  const isBusy = useSignal(false)
  /** What was sent, and nobody said whether it was done. */
  const unanswered = useSignal<Sent | null>(null)
  const send = async (): Promise<void> => {
    isBusy.value = true
    const sent = unanswered.value ?? {
      key: newKey(),
      body: offer.body(seen, { reason: reason.value.trim(), holder: holder.value.trim() }),
    }
    try {
      await new LedgerApi(ledger.value).act(offer.action, sent.body, sent.key)
      close({ isGood: true, text: offer.done })
    } catch (error) {
      isBusy.value = false
      if (isUnknown(error)) {
        unanswered.value = sent
        return
      }
      if (error instanceof ApiError && error.status === 403) {
        forbidden.value = new Map(forbidden.value).set(offer.action, error.message)
      }
      close({ isGood: false, text: refusalText(error) })
    }
  }
  const isSent = unanswered.value !== null
  // What was sent may be sent again also where it has changed hands since: perhaps by that.
  const maySend = isFresh.value && (holds || isSent)
  return (
    <form
      class="action-form"
      onSubmit={event => {
        event.preventDefault()
        if (!isBusy.value && maySend) void send()
      }}
    >
      <p dir="auto">{offer.meaning(seen, nowMs)}</p>
      {offer.action === 'adopt' ? (
        <label>
          New holder
          <input
            required
            maxLength={256}
            readOnly={isSent}
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
          readOnly={isSent}
          placeholder="It is recorded with the event"
          value={reason.value}
          ref={element => {
            if (offer.action !== 'adopt' && element !== null && reason.peek() === '') element.focus()
          }}
          onInput={event => (reason.value = event.currentTarget.value)}
        />
      </label>
      <p role="status" class={isSent || !holds || !isFresh.value ? 'notice warn' : 'visually-hidden'}>
        {formText({ isSent, holds, isFresh: isFresh.value, seen })}
      </p>
      <div class="action-row">
        <button type="submit" class={offer.isGrave ? 'grave is-sure' : 'is-sure'} disabled={isBusy.value || !maySend}>
          {isSent ? 'Send again' : offer.title}
        </button>
        <button type="button" class="quiet" onClick={() => close(null)}>
          {isSent ? 'Close' : 'Cancel'}
        </button>
      </div>
    </form>
  )
}

function formText({
  isSent,
  holds,
  isFresh,
  seen,
}: {
  readonly isSent: boolean
  readonly holds: boolean
  readonly isFresh: boolean
  readonly seen: Lease
}): string {
  const again = isFresh ? '' : ' Wait until the page is connected again.'
  if (isSent)
    return `The server did not say whether this was done. Send it again: it is the same request, and it is done once.${again}`
  if (!holds)
    return `The lease has changed hands: ${seen.holder} does not hold it under token ${seen.token} any more. Nothing is sent.`
  return isFresh ? '' : `The connection is broken.${again}`
}

/** Whether it may have been done: nobody answered, or the store did not say. */
function isUnknown(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true
  return error.status === 0 || error.status >= 500
}

/** A browser gives UUIDs to pages of TLS and of this host alone. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}

function refusalText(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error)
  if (error.status === 401) return 'This page is not let in any more. Nothing was done.'
  if (error.status === 410) return 'It is not held under this token any more. Nothing was done.'
  return error.message
}
