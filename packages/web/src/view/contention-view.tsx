import { useSignal } from '@preact/signals'
import { contentionOf, type ContendedFolder } from '../model/contention.ts'
import { spanText } from '../model/spans.ts'
import { SPANS_MS } from '../model/time-window.ts'
import { Timeline } from '../model/timeline.ts'
import { changed, moment, shownTimeline } from '../state/page-state.ts'
import { addressOf } from '../state/place.ts'

/** While events are being read. */
const NOTHING = new Timeline()

const DAY_MS = 24 * 3_600_000

/** Folders that are shown; the rest is counted. */
const FOLDERS_MAX = 60
const PAIRS_MAX = 12

/** Where holders stand in each other's way. */
export function ContentionView() {
  void changed.value
  const span = useSignal(DAY_MS)
  const folders = contentionOf(shownTimeline.value ?? NOTHING, moment.value.nowMs - span.value, moment.value)
  const most = Math.max(1, ...folders.map(weight))
  return (
    <section class="contention" aria-label="Contention">
      <div class="toolbar">
        <p class="intro">Who waited for whom, by folder; by lane where a request named no folder.</p>
        <div class="spans" role="group" aria-label="Span of time">
          {SPANS_MS.slice(2).map(ms => (
            <button key={ms} type="button" aria-pressed={span.value === ms} onClick={() => (span.value = ms)}>
              {spanText(ms)}
            </button>
          ))}
        </div>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Folders">
        {folders.length === 0 ? <p class="nothing">Nobody was refused in the last {spanText(span.value)}.</p> : null}
        {folders.slice(0, FOLDERS_MAX).map(folder => (
          <Folder key={folder.folder} folder={folder} most={most} />
        ))}
        {folders.length > FOLDERS_MAX ? (
          <p class="nothing">{folders.length - FOLDERS_MAX} more folders had fewer refusals.</p>
        ) : null}
      </div>
    </section>
  )
}

/** A refusal that did not wait counts as a second. */
function weight({ waitedMs, refusals }: ContendedFolder): number {
  return waitedMs + refusals * 1_000
}

function Folder({ folder, most }: { folder: ContendedFolder; most: number }) {
  const share = Math.max(1, Math.round((weight(folder) / most) * 100))
  return (
    <article class="folder">
      <h2>
        <bdi>{folder.folder}</bdi>
      </h2>
      <p class="folder-sum">
        {folder.waitedMs > 0 ? `${spanText(folder.waitedMs)} waited, ` : ''}
        {folder.refusals === 1 ? '1 refusal' : `${folder.refusals} refusals`}
      </p>
      <div class="share" aria-hidden="true">
        <span style={{ width: `${share}%` }} />
      </div>
      <ul>
        {folder.pairs.slice(0, PAIRS_MAX).map(({ waiter, blocker, waitedMs, refusals, isWaiting, revision }) => (
          <li key={`${waiter}\0${blocker}`}>
            <span class="pair">
              <bdi>{waiter}</bdi>
              <span class="faint">
                {isWaiting ? ' waits for ' : waitedMs > 0 ? ' waited for ' : ' was refused by '}
              </span>
              <bdi>{blocker}</bdi>
            </span>
            <span class={isWaiting ? 'in-line' : 'faint'}>{waitedMs > 0 ? spanText(waitedMs) : ''}</span>
            <a href={addressOf({ why: `r${revision}` })}>
              {refusals === 1 ? `r${revision}` : `${refusals} times, last r${revision}`}
            </a>
          </li>
        ))}
      </ul>
      {folder.pairs.length > PAIRS_MAX ? <p class="faint">and {folder.pairs.length - PAIRS_MAX} more pairs</p> : null}
    </article>
  )
}
