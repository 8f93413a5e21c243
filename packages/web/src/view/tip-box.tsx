import { useLayoutEffect, useRef } from 'preact/hooks'
import { tip } from '../state/tip.ts'

const GAP_PX = 8

/** The one box that says what the pointer or the keyboard rests on. */
export function TipBox() {
  const box = useRef<HTMLDivElement>(null)
  const shown = tip.value
  useLayoutEffect(() => {
    if (box.current === null || shown === null) return
    const { width, height } = box.current.getBoundingClientRect()
    const { left, right, top, bottom } = shown.at
    const middle = Math.max(left, 0) / 2 + Math.min(right, innerWidth) / 2
    const x = Math.min(Math.max(GAP_PX, middle - width / 2), innerWidth - width - GAP_PX)
    const above = top - height - GAP_PX
    box.current.style.transform = `translate(${x}px, ${above > GAP_PX ? above : bottom + GAP_PX}px)`
  })
  return (
    <div ref={box} id="tip" role="tooltip" class={shown === null ? 'tip' : `tip is-shown ${shown.tone}`}>
      {shown === null ? null : (
        <>
          <strong dir="auto">{shown.title}</strong>
          {shown.lines.map(line => (
            <span key={line} dir="auto">
              {line}
            </span>
          ))}
        </>
      )}
    </div>
  )
}
