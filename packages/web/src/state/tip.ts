import { signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

/** What is said beside something that the pointer or the keyboard rests on. */
export interface Said {
  readonly title: string
  readonly lines: readonly string[]
  readonly tone: string
}

export interface Tip extends Said {
  readonly at: DOMRect
  /** The element that it is about. */
  readonly of: Element
}

export const tip = signal<Tip | null>(null)

interface Rested {
  readonly currentTarget: EventTarget & Element
}

/** Attributes for an element that has something to say about itself. What is said changes with it, and goes with it. */
export function useTip(said: Said) {
  const own = useRef<Element | null>(null)
  const isShown = (): boolean => own.current !== null && tip.peek()?.of === own.current
  useLayoutEffect(() => {
    const shown = tip.peek()
    if (shown !== null && isShown() && !isSame(shown, said)) tip.value = { ...shown, ...said }
  })
  useEffect(() => {
    return () => {
      if (isShown()) tip.value = null
    }
  }, [])
  const show = ({ currentTarget }: Rested): void => {
    own.current = currentTarget
    tip.value = { ...said, at: currentTarget.getBoundingClientRect(), of: currentTarget }
  }
  const hide = (): void => {
    if (isShown()) tip.value = null
  }
  return { onMouseEnter: show, onMouseLeave: hide, onFocus: show, onBlur: hide, 'aria-describedby': 'tip' }
}

function isSame(a: Said, b: Said): boolean {
  return a.title === b.title && a.tone === b.tone && a.lines.join('\n') === b.lines.join('\n')
}
