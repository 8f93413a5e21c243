import { examples, type Define } from '../program/define.ts'
import { defineAfter } from './guard-after.ts'
import { defineCheck } from './guard-check.ts'
import { defineGitHooks } from './guard-git-hooks.ts'
import { defineInstall } from './guard-install.ts'

/** `guard`: keeps writes out of regions that somebody else leases. */
export const guard: Define = (command, shell) => {
  command.usage('COMMAND')
  defineCheck(command.command('check').description('Check whether files may be written now.'), shell)
  defineAfter(command.command('after').description('Tell what a tool call has changed in regions of others.'), shell)
  defineInstall(command.command('install').description('Install the guard as a hook, or remove it.'), shell)
  defineGitHooks(command, shell)
  examples(command, 'holdfast guard check --holder agent-7 src/api/x.ts', 'holdfast guard install --git --dry-run')
}
