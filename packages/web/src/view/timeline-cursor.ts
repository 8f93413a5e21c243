import { signal } from '@preact/signals'

/** Where the keyboard is among the rows: the lane's name is item 0, then its bars and marks from left to right. */
export const cursor = signal({ row: 0, item: 0, isMoved: false })

export function setCursor(row: number, item: number): void {
  const { row: isRow, item: isItem } = cursor.value
  if (row !== isRow || item !== isItem) cursor.value = { row, item, isMoved: false }
}

/** Arrow keys, Home, End and the page keys move the cursor. */
export function moveCursor(event: KeyboardEvent, { rows, page }: { rows: number; page: number }): void {
  const { row, item } = cursor.value
  const line = document.querySelector(`[data-row="${row}"]`)
  const items = line === null ? 1 : line.querySelectorAll('[data-item]').length
  const to = (next: number, nextItem: number): void => {
    event.preventDefault()
    cursor.value = {
      row: Math.max(0, Math.min(rows - 1, next)),
      item: Math.max(0, Math.min(nextItem, items - 1)),
      isMoved: true,
    }
  }
  switch (event.key) {
    case 'ArrowDown':
      return to(row + 1, 0)
    case 'ArrowUp':
      return to(row - 1, 0)
    case 'ArrowRight':
      return to(row, item + 1)
    case 'ArrowLeft':
      return to(row, item - 1)
    case 'PageDown':
      return to(row + page, 0)
    case 'PageUp':
      return to(row - page, 0)
    case 'Home':
      return event.ctrlKey ? to(0, 0) : to(row, 0)
    case 'End':
      return event.ctrlKey ? to(rows - 1, 0) : to(row, items - 1)
  }
}
