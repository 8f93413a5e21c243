import { addressOf, go, place, TABS, type Tab } from '../state/place.ts'

const NAMES: Record<Tab, string> = { timeline: 'Timeline', leases: 'Leases', contention: 'Contention', log: 'Log' }

export function Tabs() {
  const { tab } = place.value
  const move = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]
    if (by === 0 || next === undefined) return
    event.preventDefault()
    go({ tab: next })
    document.getElementById(`tab-${next}`)?.focus()
  }
  return (
    <div class="tabs" role="tablist" aria-label="Views" onKeyDown={move}>
      {TABS.map(name => (
        <a
          key={name}
          id={`tab-${name}`}
          role="tab"
          href={addressOf({ tab: name })}
          aria-selected={name === tab}
          aria-controls={name === tab ? `panel-${name}` : undefined}
          tabIndex={name === tab ? 0 : -1}
        >
          {NAMES[name]}
        </a>
      ))}
    </div>
  )
}
