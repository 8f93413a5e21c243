import { screened } from '../print/plain.ts'
import { readKey } from './read-key.ts'
import type { Key } from './screen-state.ts'
import { watchTerminal } from './terminal-watchdog.ts'

/** A terminal that is drawn on as a whole, and gives back what was on it. */
export interface DrawnTerminal {
  readonly draw: (lines: readonly string[]) => void
  /** Puts everything back as it was; the second time it does nothing. */
  readonly restore: () => void
}

/** Who is told of keys, and that nothing can be drawn any more. */
export interface TerminalUser {
  readonly pressed: (key: Key) => void
  readonly failed: (error: unknown) => void
}

/**
 * Takes the terminal of standard input and output. ink is loaded here and nowhere else: it takes longer to load than
 * most commands take. Whatever ends the process restores the terminal, SIGKILL
 * by the watchdog.
 */
export async function takeTerminal({ pressed, failed }: TerminalUser): Promise<DrawnTerminal> {
  const loading = [import('ink'), import('react'), watchTerminal()] as const
  const [{ render, Text, Box, useInput }, { createElement }, dismiss] = await Promise.all(loading)
  const Screen = ({ lines }: { readonly lines: readonly string[] }) => {
    useInput((input, key) => {
      const read = readKey(input, key)
      if (read !== null) pressed(read)
    })
    // A line without anything in it would have no height.
    const rows = lines.map((line, key) =>
      createElement(Text, { key, wrap: 'truncate' }, line === '' ? ' ' : screened(line)),
    )
    return createElement(Box, { flexDirection: 'column' }, rows)
  }
  const screen = render(createElement(Screen, { lines: [] }), {
    alternateScreen: true,
    exitOnCtrlC: false,
    // A build server's variables say nothing about this terminal.
    interactive: true,
    patchConsole: false,
    isScreenReaderEnabled: false,
  })
  void screen.waitUntilExit().catch(failed)
  return {
    draw: lines => screen.rerender(createElement(Screen, { lines })),
    restore: () => {
      screen.unmount()
      dismiss()
    },
  }
}
