import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'

/** Rows that are drawn beyond what is seen, so that a quick scroll finds something. */
const SPARE = 6

/** Which rows of a long list are seen. The rows are all of one height. */
export function useVirtualRows(count: number, rowPx: number) {
  const scroller = useRef<HTMLDivElement>(null)
  const view = useSignal({ top: 0, height: 600 })
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const look = (): void => {
      const { scrollTop: top, clientHeight: height } = element
      // Rows are added some at a time, not with each pixel.
      const isNear = Math.abs(view.peek().top - top) < rowPx && view.peek().height === height
      if (!isNear || top === 0) view.value = { top, height }
    }
    look()
    const sizes = new ResizeObserver(look)
    sizes.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    return () => {
      sizes.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [rowPx])
  const { top, height } = view.value
  const first = Math.max(0, Math.min(Math.floor(top / rowPx) - SPARE, count - 1))
  const last = Math.min(count, Math.ceil((top + height) / rowPx) + SPARE)
  const show = (row: number): void => {
    const element = scroller.current
    if (element === null) return
    const from = row * rowPx
    if (from < element.scrollTop) element.scrollTop = from
    else if (from + rowPx > element.scrollTop + element.clientHeight) {
      element.scrollTop = from + rowPx - element.clientHeight
    }
  }
  return { scroller, first, last, heightPx: count * rowPx, show }
}
