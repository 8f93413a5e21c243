/** How the commands in the settings of agents name the project's folder, each followed by a slash (agent-setup/program). */
const PROJECT =
  /(?<=^|\s)(?:"\$(?:CLAUDE|GEMINI|CURSOR)_PROJECT_DIR"|"?\$\{(?:CLAUDE|GEMINI|CURSOR)_PROJECT_DIR\}"?|"\$\(git rev-parse --show-toplevel\)")(?=\/)/gu

/**
 * Splits the command of a hook into words, as `guard install` and `setup` write it: plain, in quotes, or beginning with the
 * folder of the project. `null`: its first word is made by the shell in another way, so nobody can tell what it calls.
 */
export function hookWords(command: string, root: string): readonly string[] | null {
  const folder = `'${root.replaceAll("'", String.raw`'\''`)}'`
  const placed = command.replaceAll(PROJECT, () => folder)
  const found = placed.match(/(?:'[^']*'|"[^"]*"|[^\s'"\\]+|\\.)+/gsu) ?? []
  const [first = ''] = found
  if (/[$`]/u.test(first.replaceAll(/'[^']*'|\\./gsu, ''))) return null
  return found.map(word =>
    word.replaceAll(
      /'([^']*)'|"([^"]*)"|\\(.)/gsu,
      (_, single?: string, double?: string, escaped?: string) => single ?? double ?? escaped ?? '',
    ),
  )
}
