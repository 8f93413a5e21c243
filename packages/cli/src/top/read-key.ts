import type { Key as InkKey } from 'ink'
import { ENTER, type Key } from './screen-state.ts'

/** Line ends are Enter, whichever they are; tabs are blanks, and what else is no text is dropped. */
const LINE_ENDS = /\r?\n/g
const UNSEEN = /(?!\r)\p{Cc}/gu

/** A key as the screen understands it; `null`: one that means nothing here. */
export function readKey(input: string, key: InkKey): Key | null {
  if (key.ctrl) return input === 'c' ? { key: 'interrupt' } : null
  if (key.upArrow) return { key: 'up' }
  if (key.downArrow) return { key: 'down' }
  if (key.pageUp) return { key: 'page-up' }
  if (key.pageDown) return { key: 'page-down' }
  if (key.home) return { key: 'home' }
  if (key.end) return { key: 'end' }
  if (key.return) return { key: 'enter' }
  if (key.escape) return { key: 'escape' }
  // The key that terminals call delete is the one above Enter on many keyboards.
  if (key.backspace || key.delete) return { key: 'backspace' }
  if (key.meta || key.tab) return null
  const text = input.replaceAll(LINE_ENDS, ENTER).replaceAll('\t', ' ').replaceAll(UNSEEN, '')
  return text === '' ? null : { key: 'text', text }
}
