import { isBypassed } from '@holdfast/engine/write-guard'
import type { Command } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { holderOption } from '../input/ownership-flags.ts'
import { examples } from '../program/define.ts'
import type { Shell } from '../program/shell.ts'
import { bypassed } from './guard-check.ts'
import type { GitHookFlags } from './git-hook-flags.ts'

/** What git takes for a no, whatever the hook. */
const REFUSED = 1

/** How each is gone past, where nothing can be judged. */
const WAYS_OUT = {
  'pre-merge-commit': '`git merge --no-verify` merges unjudged: git then calls no hook.',
  'pre-rebase': '`git rebase --no-verify` rebases unjudged: git then does not call this hook.',
  'pre-push': '`git push --no-verify` pushes unjudged: git then calls no hook.',
} as const

/** The hooks of git that are no question about files to be written: `guard install --git` enters them. */
export function defineGitHooks(command: Command, shell: Shell): void {
  const merge = command.command('pre-merge-commit').description('As this hook of git: check what a merge changes.')
  does(shell, 'pre-merge-commit', merge, async flags => (await import('./guard-merge.ts')).judgedMerge(shell, flags))
  const rebase = command
    .command('pre-rebase')
    .argument('<upstream>', 'what is rebased onto')
    .argument('[branch]', 'what is rebased; absent: HEAD')
    .description('As this hook of git: check what a rebase changes.')
  does(shell, 'pre-rebase', rebase, async (flags, [upstream = '', branch = 'HEAD']) =>
    (await import('./guard-merge.ts')).judgedRebase(shell, flags, {
      upstream,
      branch: branch === '' ? 'HEAD' : branch,
    }),
  )
  const push = command
    .command('pre-push')
    .argument('<remote>', 'name of the remote, or its URL')
    .argument('[url]', 'its URL')
    .description(
      'As this hook of git: check what pushed commits have changed. Reads the lines of git on standard input.',
    )
  examples(
    push,
    'echo "refs/heads/main $(git rev-parse main) refs/heads/main $(git rev-parse origin/main)" | holdfast guard pre-push origin',
  )
  does(shell, 'pre-push', push, async (flags, [remote = '']) =>
    (await import('./guard-push.ts')).judgedPush(shell, flags, remote),
  )
}

function does(
  shell: Shell,
  name: keyof typeof WAYS_OUT,
  command: Command,
  judged: (flags: GitHookFlags, words: readonly string[]) => Promise<boolean>,
): void {
  command
    .option('--root <dir>', 'what regions are relative to (default: the top of the git work tree)')
    .addOption(holderOption('who does it; without one every lease is somebody else’s'))
  const answered = async (): Promise<number> => {
    const flags = command.opts<GitHookFlags>()
    if (isBypassed(process.env)) return bypassed(shell, [], { ...flags, hook: name })
    try {
      await shell.nameServedStore()
      return (await judged(flags, command.args)) ? EXIT.done : REFUSED
    } catch (error) {
      shell.out.fail(error, shell.json)
      if (!shell.json) {
        shell.out.remark(`holdfast guard: ${name} refuses, for it could not be judged. ${WAYS_OUT[name]}`)
      }
      return REFUSED
    }
  }
  shell.does(command, answered, { names: 'itself' })
}
