import { useComputed, useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { TONES } from '../model/judgement.ts'
import {
  EVERYTHING,
  foldersOf,
  queryTable,
  SORTS,
  type LeaseRow,
  type Sort,
  type TableQuery,
} from '../model/lease-table.ts'
import { spanText, whenText } from '../model/spans.ts'
import { changed, moment, shownSet, shownTimeline } from '../state/page-state.ts'
import { addressOf, place } from '../state/place.ts'
import { judged, waitingIn } from '../state/shown-lanes.ts'
import { Choice } from './choice.tsx'
import { isNarrow } from './row-px.ts'
import { useVirtualRows } from './virtual-rows.ts'

const ROW_PX = 38
const ROW_NARROW_PX = 92

/** The live leases as a table. */
export function LeasesView() {
  const query = useSignal<TableQuery>(EVERYTHING)
  // Judged and sorted when something changes or the clock moves, not while somebody scrolls.
  const all = useComputed(() => {
    void changed.value
    return [...shownSet.value.leases.values()].map((lease): LeaseRow => {
      const track = shownTimeline.value?.lanes.get(lease.lane)
      return { lease, tone: judged(lease).tone, waiting: track === undefined ? 0 : waitingIn(track) }
    })
  })
  const found = useComputed(() => queryTable(all.value, query.value))
  const rows = found.value
  const rowPx = isNarrow.value ? ROW_NARROW_PX : ROW_PX
  const { scroller, first, last, heightPx } = useVirtualRows(rows.length, rowPx)
  const ask = (part: Partial<TableQuery>): void => {
    query.value = { ...query.value, ...part }
  }
  // The same element as before is not drawn again: the choices are many.
  const filters = useMemo(
    () => <Filters all={all.value} query={query.value} shown={rows.length} ask={ask} />,
    [all.value, query.value, rows],
  )
  return (
    <section class="leases" aria-label="Leases">
      {filters}
      <div class="table" role="table" aria-label="Live leases" aria-rowcount={rows.length + 1}>
        <div class="table-head" role="rowgroup">
          <div class="table-row" role="row" aria-rowindex={1}>
            {SORTS.map(sort => (
              <HeadCell key={sort} sort={sort} query={query.value} ask={ask} />
            ))}
            <span role="columnheader" class="cell-region">
              Region
            </span>
            <span role="columnheader" class="cell-waiting">
              In line
            </span>
          </div>
        </div>
        <div class="table-body" role="rowgroup" ref={scroller} tabIndex={0} aria-label="Rows">
          <div role="presentation" class="rows-body" style={{ height: `${Math.max(1, heightPx)}px` }}>
            {rows.slice(first, last).map((row, index) => (
              <Row key={row.lease.leaseId} row={row} index={first + index} rowPx={rowPx} />
            ))}
          </div>
        </div>
      </div>
      {rows.length === 0 ? (
        <p class="nothing">{all.value.length === 0 ? nothingText() : 'No lease fits the filters.'}</p>
      ) : null}
    </section>
  )
}

function nothingText(): string {
  if (shownSet.value.isKnown) return place.value.at === null ? 'Nothing is leased now.' : 'Nothing was leased then.'
  return 'Reading the leases …'
}

interface Asks {
  readonly query: TableQuery
  readonly ask: (part: Partial<TableQuery>) => void
}

/** Names that a choice offers; whatever lies beyond is found by the search. */
const CHOICES_MAX = 500

function Filters({ all, query, shown, ask }: Asks & { all: readonly LeaseRow[]; shown: number }) {
  const holders = [...new Set(all.map(({ lease }) => lease.holder as string))].sort().slice(0, CHOICES_MAX)
  const folders = [...new Set(all.flatMap(({ lease }) => foldersOf(lease.region)))].sort().slice(0, CHOICES_MAX)
  return (
    <div class="toolbar">
      <input
        type="search"
        aria-label="Search leases"
        placeholder="Search leases"
        value={query.search}
        onInput={event => ask({ search: event.currentTarget.value })}
      />
      <Choice name="Holder" value={query.holder} values={holders} choose={holder => ask({ holder })} />
      <Choice
        name="Verdict"
        value={query.tone}
        values={TONES}
        choose={tone => ask({ tone: TONES.find(known => known === tone) ?? '' })}
      />
      <Choice name="Folder" value={query.folder} values={folders} choose={folder => ask({ folder })} />
      <span class="faint count">
        {shown === all.length
          ? all.length === 1
            ? '1 lease'
            : `${all.length.toLocaleString('en')} leases`
          : `${shown.toLocaleString('en')} of ${all.length.toLocaleString('en')}`}
      </span>
    </div>
  )
}

const HEADS: Record<Sort, string> = {
  lane: 'Lane',
  holder: 'Holder',
  verdict: 'Verdict',
  age: 'Held for',
  expires: 'Expires',
}

function HeadCell({ sort, query, ask }: Asks & { sort: Sort }) {
  const isSorted = query.sort === sort
  const order = isSorted ? (query.descending ? 'descending' : 'ascending') : 'none'
  return (
    <span role="columnheader" aria-sort={order} class={`cell-${sort}`}>
      <button type="button" onClick={() => ask({ sort, descending: isSorted && !query.descending })}>
        {HEADS[sort]} <span aria-hidden="true">{isSorted ? (query.descending ? '↓' : '↑') : ''}</span>
      </button>
    </span>
  )
}

function Row({ row, index, rowPx }: { row: LeaseRow; index: number; rowPx: number }) {
  const { lease, tone, waiting } = row
  const { nowMs } = moment.value
  const state = judged(lease)
  return (
    <div
      class="table-row"
      role="row"
      aria-rowindex={index + 2}
      style={{ height: `${rowPx}px`, transform: `translateY(${index * rowPx}px)` }}
    >
      <span role="cell" class="cell-lane">
        <a href={addressOf({ why: lease.leaseId })} title={lease.leaseId}>
          <bdi>{lease.lane}</bdi>
        </a>
      </span>
      <span role="cell" class="cell-holder" title={lease.holder}>
        <bdi>{lease.holder}</bdi>
      </span>
      <span role="cell" class="cell-verdict">
        <span class={`chip ${tone}`} title={state.evidence.join(' ')}>
          {state.label}
        </span>
      </span>
      <span role="cell" class="cell-age">
        {spanText(nowMs - Date.parse(lease.ownedSince))}
      </span>
      <span role="cell" class="cell-expires">
        {whenText(Date.parse(lease.expiresAt), nowMs)}
      </span>
      <span role="cell" class="cell-region" title={lease.region.join(' ')}>
        <bdi>{lease.region.length === 0 ? '–' : lease.region.join(' ')}</bdi>
      </span>
      <span role="cell" class="cell-waiting">
        {waiting === 0 ? '' : `${waiting} in line`}
      </span>
    </div>
  )
}
