import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import type { SetupPlace, SetupScope } from '@holdfast/engine/agent-setup'
import { guardedRoot } from '@holdfast/engine/write-guard'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'

/** Where setup writes, called in this folder. */
export function setupPlace(scope: SetupScope, { evenHome = false }: { readonly evenHome?: boolean } = {}): SetupPlace {
  const home = homedir()
  const root = guardedRoot(undefined, workingFolder())
  if (!evenHome && scope === 'project' && existsSync(home) && realpathSync(home) === root) {
    throw new UsageError('scope: this folder is your home and no project; go to a project, or use --scope user.')
  }
  return { root, home, scope, environment: process.env }
}
