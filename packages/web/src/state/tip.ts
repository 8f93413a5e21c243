import { signal } from '@preact/signals'

/** What is said beside something that the pointer or the keyboard rests on. */
export interface Tip {
  readonly title: string
  readonly lines: readonly string[]
  readonly tone: string
  readonly at: DOMRect
}

export const tip = signal<Tip | null>(null)

/** Attributes for an element that has something to say about itself. */
export function tipped(say: () => Omit<Tip, 'at'>) {
  const show = (event: { readonly currentTarget: EventTarget & Element }): void => {
    tip.value = { ...say(), at: event.currentTarget.getBoundingClientRect() }
  }
  const hide = (): void => {
    tip.value = null
  }
  return { onMouseEnter: show, onMouseLeave: hide, onFocus: show, onBlur: hide, 'aria-describedby': 'tip' }
}
