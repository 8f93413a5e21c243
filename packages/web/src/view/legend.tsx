import { MARK_NAMES, MarkForm } from './mark-button.tsx'
import type { MarkKind } from '../model/lane-track.ts'

const KINDS: readonly MarkKind[] = ['refused', 'halt', 'adopted', 'evicted']
const TONES = ['waiting', 'advancing', 'spinning', 'stalled', 'unknown', 'expired', 'unjudged', 'past'] as const
const TONE_NAMES: Record<(typeof TONES)[number], string> = {
  waiting: 'waiting for a human',
  advancing: 'advancing',
  spinning: 'spinning',
  stalled: 'stalled',
  unknown: 'unknown',
  expired: 'expired',
  unjudged: 'no verdict',
  past: 'ended',
}

export function Legend() {
  return (
    <ul class="legend" aria-label="Legend" tabIndex={0}>
      {TONES.map(tone => (
        <li key={tone}>
          <span class={`swatch ${tone}`} aria-hidden="true" /> {TONE_NAMES[tone]}
        </li>
      ))}
      {KINDS.map(kind => (
        <li key={kind}>
          <MarkForm kind={kind} /> {MARK_NAMES[kind]}
        </li>
      ))}
      <li>
        <span class="swatch waits" aria-hidden="true" /> somebody waits in line
      </li>
    </ul>
  )
}
