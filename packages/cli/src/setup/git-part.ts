import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { programOf, type SetupProgram } from '@holdfast/engine/agent-setup'
import * as z from 'zod'
import type { SetupAnswer } from '../schemas/setup.ts'
import { ownCommand } from './own-command.ts'

const Change = z.object({
  file: z.string(),
  change: z.enum(['made', 'changed', 'removed', 'none']),
  text: z.string(),
  notes: z.array(z.string()),
})

const Installed = z.object({
  changes: z.array(Change.extend({ hook: z.string(), further: z.array(Change).optional() })),
})

interface GitPart {
  readonly root: string
  readonly program: SetupProgram
  readonly remove: boolean
  readonly dryRun: boolean
}

/** The git hooks, by the command that installs them. Outside git there are none. */
export async function gitPart({ root, program, remove, dryRun }: GitPart): Promise<SetupAnswer['git']> {
  if (!existsSync(join(root, '.git'))) return []
  const words = program.by === 'words' || isCommitted(root) ? programOf(program, 'cursor') : null
  const args = [
    'guard',
    'install',
    '--git',
    ...(words === null ? [] : ['--command', words]),
    ...(remove ? ['--remove'] : []),
    ...(dryRun ? ['--dry-run'] : []),
  ]
  const { changes } = Installed.parse(await ownCommand(args, { folder: root }))
  return changes.flatMap(({ further = [], ...first }) => [
    first,
    ...further.map(each => ({ ...each, hook: first.hook })),
  ])
}

/** Hooks that the work tree holds go to other machines: they must not name a path of this one. */
function isCommitted(root: string): boolean {
  try {
    const hooks = execFileSync('git', ['rev-parse', '--path-format=absolute', '--git-path', 'hooks'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trimEnd()
    const way = relative(root, hooks)
    return !isAbsolute(way) && !way.startsWith('..') && !way.startsWith('.git/') && way !== '.git'
  } catch {
    return false // `guard install` says what is wrong.
  }
}
