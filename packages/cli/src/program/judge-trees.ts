import { join } from 'node:path'
import { escapeGlob, pathFault, type LedgerState } from '@holdfast/core'
import { checkWrites, claimsOver, type GuardedPath, type WriteAnswer, type Writer } from '@holdfast/engine/write-guard'

/** Files that one command is judged by where it writes whole folders. */
const FILES_MAX = 20_000

type Refusal = Extract<WriteAnswer, { readonly verdict: 'refused' }>

/** Refused files that are told of. */
const TOLD_MAX = 20

const LEASES_ALONE = { unclaimed: 'allow', outside: 'allow', temporary: 'allow' } as const

/**
 * Which files in the folders somebody else has claimed. Only files that are there count, and they are looked at only where
 * some claim may cover one. `isWhole`: all of them were looked at.
 */
export async function judgeTrees(
  state: LedgerState,
  trees: readonly string[],
  request: {
    readonly root: string
    readonly writer: Writer
    /** Of a sub-agent: the holder in whose leases it may work as well. */
    readonly parent?: Writer['holder']
  } & Pick<Parameters<typeof checkWrites>[1], 'nowMs' | 'ownClock'>,
): Promise<{ readonly refusals: readonly Refusal[]; readonly isWhole: boolean }> {
  const { root, writer, parent = null } = request
  const around = { ofRoot: root, root, holder: writer.holder ?? '', nowMs: request.nowMs }
  const claimed = trees.filter(tree => claimsOver(state, { ...around, region: [globOf(tree)] }).length > 0)
  if (claimed.length === 0) return { refusals: [], isWhole: true }
  const [{ filesBelow }, { systemLook }] = await Promise.all([
    import('../shell-writes/files-below.ts'),
    import('../shell-writes/look.ts'),
  ])
  const refusals: Refusal[] = []
  let isWhole = true
  for (const tree of claimed) {
    const below = filesBelow(join(root, tree), systemLook, FILES_MAX)
    isWhole &&= below.isWhole
    const paths = below.paths.map((file): GuardedPath => {
      const path = tree === '' ? file : `${tree}/${file}`
      return { given: path, inside: [path], outside: [] }
    })
    const ask = (by: Writer, only: readonly GuardedPath[]): readonly WriteAnswer[] =>
      checkWrites(state, { ...request, writer: by, paths: only, policy: LEASES_ALONE })
    for (const found of ask(writer, paths)) {
      const isParents = parent !== null && found.verdict === 'refused' && found.holder === parent
      const again = { given: found.given, inside: [found.path], outside: [] }
      const [answer = found] = isParents ? ask({ ...writer, holder: parent, token: undefined }, [again]) : [found]
      if (answer.verdict === 'refused' && refusals.length < TOLD_MAX) refusals.push(answer)
    }
  }
  return { refusals, isWhole }
}

function globOf(tree: string): string {
  return tree === '' || pathFault(tree) !== null ? '**' : escapeGlob(tree)
}
