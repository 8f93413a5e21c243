/** The flags that may stand before the command, by whether a value follows. */
const TAKING_A_VALUE: ReadonlySet<string> = new Set(['--store', '--ledger', '--config', '--reason', '--timeout'])
const ALONE: ReadonlySet<string> = new Set(['--json', '--create', '--no-server', '--utc'])

/** The words of a line that are neither flags of all commands nor their values; other flags stay. */
export function wordsBesideFlags(args: readonly string[]): readonly string[] {
  return args.filter((word, place) => {
    const isValue = TAKING_A_VALUE.has(args[place - 1] ?? '')
    return !isValue && !TAKING_A_VALUE.has(word.replace(/=.*/s, '')) && !ALONE.has(word)
  })
}

/**
 * The word at the command's place, without parsing the line: what stands behind the flags of all commands. `null` where
 * any other flag comes first, or nothing.
 */
export function commandWord(args: readonly string[]): string | null {
  for (let place = 0; place < args.length; place += 1) {
    const word = args[place] ?? ''
    if (!word.startsWith('-')) return word
    if (TAKING_A_VALUE.has(word)) place += 1
    else if (!ALONE.has(word) && !TAKING_A_VALUE.has(word.replace(/=.*/s, ''))) return null
  }
  return null
}
