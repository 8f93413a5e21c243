import { existsSync } from 'node:fs'
import { delimiter, join, sep } from 'node:path'
import { findCommand } from '../run/find-command.ts'
import type { AgentName } from './agent-name.ts'

/** How what is written calls this program. */
export type SetupProgram =
  /** `holdfast`, along the PATH. */
  | { readonly by: 'path' }
  /** What the project has installed. `ownNode`: by the Node that it has installed as well, for that of the machine may be too old. */
  | { readonly by: 'project'; readonly ownNode?: boolean | undefined }
  /** These words, as somebody gave them. */
  | { readonly by: 'words'; readonly words: string }

export type SetupScope = 'project' | 'user'

const NAME = 'holdfast'
const BIN = join('node_modules', '.bin')

/**
 * How this program can be called by a name that holds on every machine; `null`: in no such way. What `npx` puts into the
 * PATH for one call does not count.
 */
export function portableProgram(root: string, path: string): SetupProgram | null {
  if (findCommand(NAME, pathOfAgents(path)).found === 'executable') return { by: 'path' }
  if (!existsSync(join(root, BIN, NAME))) return null
  return existsSync(join(root, BIN, 'node')) ? { by: 'project', ownNode: true } : { by: 'project' }
}

/** The PATH that an agent has: without what `npx` and `npm run` put into it for one call. */
export function pathOfAgents(path: string): string {
  const folders = path.split(delimiter).filter(folder => !`${folder}${sep}`.includes(`${sep}${BIN}${sep}`))
  return folders.join(delimiter)
}

/** Where an agent says in which folder the project is, for commands that it does not call there. */
const PROJECT: Readonly<Record<AgentName, string>> = {
  'claude-code': '"$CLAUDE_PROJECT_DIR"/',
  codex: '"$(git rev-parse --show-toplevel)"/',
  cursor: '',
  'gemini-cli': '"$GEMINI_PROJECT_DIR"/',
  opencode: '',
}

/** The command of a hook of an agent, for a shell. */
export function programOf(program: SetupProgram, agent: AgentName): string {
  switch (program.by) {
    case 'path':
      return NAME
    case 'project':
      return [...(program.ownNode === true ? ['node'] : []), NAME]
        .map(name => `${PROJECT[agent]}node_modules/.bin/${name}`)
        .join(' ')
    case 'words':
      return program.words
  }
}

/** The words that start the tool server. */
export function serverWords(program: SetupProgram): readonly [string, ...string[]] {
  switch (program.by) {
    case 'path':
      return [NAME, 'mcp']
    case 'project':
      return ['npx', '--no-install', NAME, 'mcp']
    case 'words': {
      const [first = NAME, ...rest] = shellWords(program.words)
      return [first, ...rest, 'mcp']
    }
  }
}

/** Splits words as a shell does, without what it expands. */
function shellWords(words: string): readonly string[] {
  const found = words.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/gsu) ?? []
  return found.map(word =>
    word.replaceAll(
      /'([^']*)'|"([^"]*)"|\\(.)/gsu,
      (_, single?: string, double?: string, escaped?: string) => single ?? double ?? escaped ?? '',
    ),
  )
}
