import { signal } from '@preact/signals'

/** Below this width a lane stands above its bars, and rows have two lines. */
const narrow = matchMedia('(max-width: 640px)')

export const isNarrow = signal(narrow.matches)
narrow.addEventListener('change', () => {
  isNarrow.value = narrow.matches
})
