import {
  checkWrites,
  commitHome,
  ledgersToAsk,
  mergedPaths,
  namedPath,
  rebasedPaths,
  workTreeHere,
  type MergedPaths,
} from '@holdfast/engine/write-guard'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'
import { guardLines } from '../print/guard-lines.ts'
import { refusedFurther } from '../program/ask-further-ledgers.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { GuardAnswer } from '../schemas/guard.ts'
import { gitWriter, type GitHookFlags } from './git-hook-flags.ts'
import { guardSettings, ofCommits, placeOf, typingOf } from './guard-check.ts'

/** Whether a merge may be committed. */
export function judgedMerge(shell: Shell, flags: GitHookFlags): Promise<boolean> {
  return judged(shell, flags, mergedPaths)
}

/** Whether a rebase may begin. */
export function judgedRebase(
  shell: Shell,
  flags: GitHookFlags,
  of: { readonly upstream: string; readonly branch: string },
): Promise<boolean> {
  return judged(shell, flags, folder => rebasedPaths(folder, of))
}

/**
 * Judges what is made anew like an edit. What is taken as it stands on the other side was judged where it was made: it
 * counts for the leases of this work tree alone, whose files it changes, and for those of no known tree.
 */
async function judged(
  shell: Shell,
  flags: GitHookFlags,
  pathsOf: (folder: string, gitDir: string) => Promise<MergedPaths>,
): Promise<boolean> {
  const policy = ofCommits(await guardSettings(shell))
  const { root, writer } = gitWriter(shell, flags)
  const folder = workingFolder()
  const place = await workTreeHere(folder)
  if (place === null) throw new UsageError('There is no git work tree here: git calls this hook in one.')
  const changed = await pathsOf(folder, place.gitDir)
  const home = commitHome(folder, place)
  await using ledger = await openFold(shell)
  const { at, fold, nowMs, ownClock } = ledger
  const meant = { url: shell.which.url, name: shell.globals.ledger }
  const places: ReturnType<typeof placeOf>[] = []
  for (const [kind, names] of [
    ['taken', changed.taken],
    ['made', changed.made],
  ] as const) {
    const paths = names.map(path => namedPath(path, { root, top: place.top }))
    const stateOf = (state: typeof fold.state): typeof fold.state =>
      kind === 'made' ? state : { ...state, config: { ...state.config, workTrees: 'apart' } }
    // In nobody's region, what others made and published is nobody's to refuse.
    const own = kind === 'made' ? policy : ({ unclaimed: 'allow', outside: 'allow', temporary: 'allow' } as const)
    const answers = checkWrites(stateOf(fold.state), { writer, paths, policy: own, nowMs, ownClock })
    const further = ledgersToAsk(shell.which, { root, paths, staged: true, home })
    const refusals = await refusedFurther(further, meant, asked => {
      const by = { holder: writer.holder, workTree: asked.workTree }
      const request = {
        writer: by,
        paths: asked.paths,
        policy: { unclaimed: 'allow', outside: 'allow', temporary: 'allow' } as const,
      }
      const theirs = checkWrites(stateOf(asked.fold.state), {
        ...request,
        nowMs: asked.nowMs,
        ownClock: asked.ownClock,
      })
      return theirs.flatMap(answer => (answer.verdict === 'refused' ? [answer] : []))
    })
    places.push(...[...answers, ...refusals].map(placeOf))
  }
  const permitted = places.every(each => each.permitted !== 'no')
  const answer = {
    guard: 'on',
    ...at,
    permitted,
    holder: writer.holder,
    root,
    paths: places,
  } as const satisfies GuardAnswer
  if (shell.json) await shell.answer<GuardAnswer>(answer, () => [])
  else for (const line of guardLines(answer, { nowMs, ...typingOf(shell) }).remarks) shell.out.remark(line)
  return permitted
}
