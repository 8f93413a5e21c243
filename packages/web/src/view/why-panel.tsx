import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { ApiError, LedgerApi } from '../link/api.ts'
import type { Fields } from '../model/log-event.ts'
import { laneOfLease, revisionOf } from '../model/requested.ts'
import { changed, isConnected, ledger, timeline } from '../state/page-state.ts'
import { go, place } from '../state/place.ts'
import { WhyEvent } from './why-event.tsx'
import { WhyName } from './why-name.tsx'

/** How long new events are gathered before the answer is asked for again. */
const AGAIN_MS = 400

type Answer =
  | { readonly state: 'asking' }
  | { readonly state: 'answered'; readonly fields: Fields }
  | { readonly state: 'fault'; readonly message: string }

/** Why something is as it is, in words. */
export function WhyPanel({ name }: { name: string }) {
  const answer = useSignal<Answer>({ state: 'asking' })
  const panel = useRef<HTMLElement>(null)
  const isRevision = revisionOf(name) !== null
  void changed.value
  // What is said about a lane changes when something happens in it.
  const track = timeline.current.lanes.get(isRevision ? '' : laneOfLease(name)) ?? timeline.current.lanes.get(name)
  const newest = track?.newestRevision ?? 0
  const isLive = isConnected.value
  useEffect(() => {
    const known = answer.peek()
    // Nobody answers now: what is known stays, and its verdicts are shown as not known.
    if (!isLive && known.state === 'answered') return
    const stop = new AbortController()
    const ask = (): void => {
      new LedgerApi(ledger.value).why(name, stop.signal).then(
        fields => (answer.value = { state: 'answered', fields }),
        (error: unknown) => {
          if (!stop.signal.aborted) answer.value = { state: 'fault', message: faultText(error, name) }
        },
      )
    }
    const timer = setTimeout(ask, known.state === 'asking' ? 0 : AGAIN_MS)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [name, newest, isLive])
  useEffect(() => {
    const opener = document.activeElement
    panel.current?.focus()
    const escape = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') go({ why: null })
    }
    document.addEventListener('keydown', escape)
    return () => {
      document.removeEventListener('keydown', escape)
      // Whoever was in the panel goes on where he came from; whoever is elsewhere already is left there.
      const isNowhere = document.activeElement === null || document.activeElement === document.body
      if (place.value.why === null && isNowhere && opener instanceof HTMLElement) opener.focus()
    }
  }, [name])
  return (
    <aside ref={panel} class="why" tabIndex={-1} aria-label={`Why ${name}`}>
      <header class="why-head">
        <h2>
          <span class="faint">{isRevision ? 'Event' : 'Why'}</span> <bdi>{name}</bdi>
        </h2>
        <button type="button" class="close" aria-label="Close" onClick={() => go({ why: null })}>
          ✕
        </button>
      </header>
      <div class="why-body" tabIndex={0} role="region" aria-label="Explanation">
        <Answered name={name} answer={answer.value} />
      </div>
      {place.value.at === null || isRevision ? null : (
        <p class="why-foot faint">This answer is about now, not about r{place.value.at}.</p>
      )}
    </aside>
  )
}

function Answered({ name, answer }: { name: string; answer: Answer }) {
  switch (answer.state) {
    case 'asking':
      return <p class="nothing">Asking …</p>
    case 'fault':
      return <p class="notice bad">{answer.message}</p>
    case 'answered':
      return revisionOf(name) !== null ? (
        <WhyEvent answer={answer.fields} />
      ) : (
        <WhyName name={name} answer={answer.fields} />
      )
  }
}

function faultText(error: unknown, name: string): string {
  if (error instanceof ApiError && error.status === 0)
    return 'The server does not answer. This is asked again when it does.'
  const message = error instanceof Error ? error.message : String(error)
  return `There is no answer about ${name}: ${message}`
}
