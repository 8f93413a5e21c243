import {
  checkCommitted,
  commitHome,
  ledgersToAsk,
  namedPath,
  pushedFiles,
  workTreeHere,
  type CommittedAnswer,
  type CommittedFiles,
  type GuardedPath,
  type Writer,
} from '@holdfast/engine/write-guard'
import { instantOf } from '@holdfast/projections'
import { workingFolder } from '../input/environment.ts'
import { readInput } from '../input/read-input.ts'
import { pushLines } from '../print/push-lines.ts'
import { refusedFurther, type RefusedBy } from '../program/ask-further-ledgers.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { GuardAnswer } from '../schemas/guard.ts'
import { gitWriter, type GitHookFlags } from './git-hook-flags.ts'

/** After so long somebody who waits for the push wants to know why. */
const TOLD_AFTER_MS = 2_000

/** And again after as many commits. */
const TOLD_EVERY = 10_000

type Refused = CommittedAnswer & { readonly ledger?: RefusedBy; readonly change: 'added' | 'dropped' }

/**
 * Refuses a push of commits that changed files in a live region of somebody else since it was theirs, and one that takes such
 * commits away there. Whether it may go on; whatever cannot be judged is thrown.
 */
export async function judgedPush(shell: Shell, flags: GitHookFlags, remote: string): Promise<boolean> {
  const { root, writer } = gitWriter(shell, flags)
  const folder = workingFolder()
  const place = await workTreeHere(folder)
  const { added, dropped } = await pushedFiles(folder, { remote, told: await readInput(), onCommits: teller(shell) })
  const where = { root, top: place?.top ?? root, home: place === null ? null : commitHome(folder, place) }
  await using ledger = await openFold(shell)
  const refused: readonly Refused[] = [
    ...(await refusals(shell, { ledger, writer, where, files: added })).map(each => ({
      ...each,
      change: 'added' as const,
    })),
    ...(await refusals(shell, { ledger, writer, where, files: dropped })).map(each => ({
      ...each,
      change: 'dropped' as const,
    })),
  ]
  const files = added.size + dropped.size
  const permitted = refused.length === 0
  const answer: GuardAnswer = { guard: 'push', permitted, holder: writer.holder, root, files, paths: refused.map(told) }
  if (shell.json) await shell.answer(answer, () => [])
  else for (const line of pushLines(answer, { nowMs: ledger.nowMs, typed: shell.typed })) shell.out.remark(line)
  return permitted
}

interface Judging {
  readonly ledger: Awaited<ReturnType<typeof openFold>>
  readonly writer: Writer
  readonly where: { readonly root: string; readonly top: string; readonly home: string | null }
  readonly files: CommittedFiles
}

async function refusals(
  shell: Shell,
  { ledger, writer, where: { root, top, home }, files }: Judging,
): Promise<readonly (CommittedAnswer & { readonly ledger?: RefusedBy })[]> {
  const { holder } = writer
  const wallMs = Date.now()
  const paths: readonly GuardedPath[] = [...files.keys()].map(path => namedPath(path, { root, top }))
  const { fold, nowMs, ownClock } = ledger
  const own = checkCommitted(fold.state, { writer, paths, files, nowMs, ownClock, wallMs })
  const further = ledgersToAsk(shell.which, { root, paths, staged: true, home })
  const meant = { url: shell.which.url, name: shell.globals.ledger }
  const others = await refusedFurther(further, meant, asked => {
    const by = { holder, workTree: asked.workTree }
    const { nowMs: theirMs, ownClock: theirClock } = asked
    return checkCommitted(asked.fold.state, {
      writer: by,
      paths: asked.paths,
      files,
      nowMs: theirMs,
      ownClock: theirClock,
      wallMs,
    })
  })
  return [...own, ...others]
}

function told({ given, path, change, commit, madeByMs, sinceMs, untilMs, ...claim }: Refused) {
  const { basis, leaseId, lane, holder, token, ledger } = claim
  return {
    given,
    path,
    change,
    commit,
    committedAt: instantOf(madeByMs),
    basis,
    leaseId,
    lane,
    holder,
    token,
    since: sinceMs === null ? null : instantOf(sinceMs),
    expiresAt: instantOf(untilMs),
    ...(ledger === undefined ? {} : { ledger }),
  }
}

/** Says what takes long, on standard error. */
function teller(shell: Shell): (count: number) => void {
  const begunMs = performance.now()
  let toldAt = 0
  return count => {
    if (shell.json || performance.now() - begunMs < TOLD_AFTER_MS || count < toldAt + TOLD_EVERY) return
    toldAt = count
    shell.out.remark(`holdfast guard: ${count} commits were read`)
  }
}
