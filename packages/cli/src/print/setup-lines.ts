import { relative } from 'node:path'
import type { SetupAnswer } from '../schemas/setup.ts'
import { plain } from './plain.ts'
import { tone } from './tone.ts'

/** Lines of a change that are printed; all of it is in the answer as JSON. */
const DIFF_LINES_MAX = 80

/** Lines of a file that is made which are printed. */
const MADE_LINES_MAX = 12

/** What would be written, or was. */
export function plannedLines({
  changes,
  git,
  ledger,
  agents,
  dryRun,
  outcome,
  root,
  scope,
}: SetupAnswer): readonly string[] {
  const isDone = outcome === 'done' && !dryRun
  const names = agents.map(({ agent, seen }) => (seen.length === 0 ? agent : `${agent} (${seen.join(', ')})`))
  const word = (change: Change): string => (isDone || change === 'none' ? WORDS[change] : `would be ${change}`)
  return [
    `${tone.faint('agents')}  ${plain(names.join(', '))}; scope ${scope}`,
    ...(ledger === null ? [] : [`${tone.good(word(ledger.change))}  ${plain(ledger.url)}  ${tone.faint('ledger')}`]),
    ...changes.flatMap(({ agents: users, file, change, diff, notes }) => [
      `${tone.good(word(change))}  ${plain(shortened(file, root))}  ${tone.faint(users.join(', '))}`.trimEnd(),
      ...diffLines(diff, change),
      ...notes.map(note => `  ${tone.warn('note')}  ${plain(note)}`),
    ]),
    ...git.flatMap(({ file, change, text, notes }) => [
      `${tone.good(word(change))}  ${plain(shortened(file, root))}  ${tone.faint('git')}`,
      ...(change === 'made' || change === 'changed' ? [`  ${plain(text)}`] : []),
      ...notes.map(note => `  ${tone.warn('note')}  ${plain(note)}`),
    ]),
  ]
}

/** What came of it. */
export function outcomeLines({ checks, notes, next, outcome, remove }: SetupAnswer): readonly string[] {
  const agents = [...new Set(checks.map(({ agent }) => agent))]
  return [
    ...(outcome === 'nothing-to-do'
      ? [remove ? 'Nothing to do: nothing of holdfast is there.' : 'Nothing to do: all of it is there already.']
      : []),
    ...agents.map(agent => {
      const own = checks.filter(each => each.agent === agent)
      const good = own.filter(({ ok }) => ok).map(({ check }) => check)
      return `${tone.good('works')}  ${agent}: ${good.length} of ${own.length} checks (${good.join(', ')})`
    }),
    ...checks.flatMap(({ agent, check, ok, detail }) =>
      ok ? [] : [`${tone.bad('fails')}  ${agent} ${check}: ${plain(detail)}`],
    ),
    ...checks.flatMap(({ check, ok, detail }) =>
      ok && check === 'refusal' ? [`  a second session read: ${tone.faint(plain(detail))}`] : [],
    ),
    ...notes.map(note => `${tone.warn('note')}  ${plain(note)}`),
    ...next.map(line => `${tone.faint('next')}  ${plain(line)}`),
  ]
}

type Change = SetupAnswer['changes'][number]['change']

const WORDS = { made: 'made', changed: 'changed', removed: 'removed', none: 'unchanged' } as const

function diffLines(diff: string, change: Change): readonly string[] {
  // Its first two lines name the file, which stands above.
  const lines = diff.split('\n').filter(line => line !== '' && !/^(?:---|\+\+\+|===|Index: |\\)/.test(line))
  const max = change === 'made' ? MADE_LINES_MAX : DIFF_LINES_MAX
  const more = lines.length - max
  const shown = lines.slice(0, max).map(line => {
    // Line ends and tabs of the file would be printed as what they are.
    const text = `    ${plain(line.replace(/\r$/, '').replaceAll('\t', '  '))}`
    return line.startsWith('+') ? tone.good(text) : line.startsWith('-') ? tone.bad(text) : tone.faint(text)
  })
  return more > 0 ? [...shown, `    … and ${more} more lines`] : shown
}

function shortened(file: string, root: string): string {
  const way = relative(root, file)
  return way.startsWith('..') ? file : way
}
