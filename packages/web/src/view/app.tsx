import { changed, isLoaded, missing, pastFault, shownTimeline, timeline } from '../state/page-state.ts'
import { place } from '../state/place.ts'
import { ContentionView } from './contention-view.tsx'
import { EmptyLedger } from './empty-ledger.tsx'
import { FiguresBar } from './figures-bar.tsx'
import { Header } from './header.tsx'
import { LeasesView } from './leases-view.tsx'
import { LogView } from './log-view.tsx'
import { Notices } from './notices.tsx'
import { Tabs } from './tabs.tsx'
import { TimeBar } from './time-bar.tsx'
import { TimelineView } from './timeline-view.tsx'
import { TipBox } from './tip-box.tsx'
import { WhyPanel } from './why-panel.tsx'

/** The whole page. */
export function App() {
  const { tab, why } = place.value
  return (
    <div class={why === null ? 'page' : 'page has-why'}>
      <Header />
      <FiguresBar />
      <section class="bar" aria-label="View and time">
        <Tabs />
        <TimeBar />
      </section>
      <Notices />
      <div class="body">
        <main class="main">
          <div class="panel" id={`panel-${tab}`} role="tabpanel" aria-labelledby={`tab-${tab}`}>
            <Main />
          </div>
          <TipBox />
        </main>
        {why === null ? null : <WhyPanel key={why} name={why} />}
      </div>
    </div>
  )
}

/** A ledger of which only its beginning is recorded is empty. */
const GENESIS_HEAD = 0

function Main() {
  void changed.value
  const isEmpty = isLoaded.value && missing.value === null && timeline.current.head <= GENESIS_HEAD
  if (isEmpty) return <EmptyLedger />
  if (shownTimeline.value === null) return <Reading />
  switch (place.value.tab) {
    case 'timeline':
      return <TimelineView />
    case 'leases':
      return <LeasesView />
    case 'contention':
      return <ContentionView />
    case 'log':
      return <LogView />
  }
}

/** Events that are not loaded are being read, or cannot be. */
function Reading() {
  const { at } = place.value
  return (
    <section aria-label="Reading">
      <p class="nothing">{pastFault.value === null ? `Reading what was at r${at} …` : `r${at} cannot be shown.`}</p>
    </section>
  )
}
