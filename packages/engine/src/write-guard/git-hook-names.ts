/**
 * The hooks of git in which the guard stands. `question`: what the hook asks it, in the place of `guard check --hook git`;
 * `checks`: what is not checked where it is missing.
 *
 * - `pre-commit`: `git commit`. `pre-merge-commit`: a merge without conflicts. `pre-applypatch`: each patch of `git am`.
 *   Before all three the index holds what the commit will change.
 * - `pre-rebase`: the commits that a rebase is about to make anew.
 * - `pre-push`: what no earlier hook sees, such as a cherry-pick.
 */
export const GIT_HOOKS = [
  { name: 'pre-commit', question: null, checks: 'commits' },
  { name: 'pre-merge-commit', question: 'guard pre-merge-commit', checks: 'merges' },
  { name: 'pre-applypatch', question: null, checks: 'patches' },
  { name: 'pre-rebase', question: 'guard pre-rebase', checks: 'rebases' },
  { name: 'pre-push', question: 'guard pre-push', checks: 'pushes' },
] as const

export type GitHook = (typeof GIT_HOOKS)[number]

const AT_COMMIT = /guard check --hook git(?=\s|$)/

/** What a hook runs, made of what `pre-commit` runs. */
export function commandOf({ name, question }: GitHook, atCommit: string): string {
  if (question === null) return atCommit
  const asked = atCommit.replace(AT_COMMIT, question)
  return name === 'pre-merge-commit' ? asked : `${asked} -- "$@"`
}
