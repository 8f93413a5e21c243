import { HOOKS, type GuardSettings, type HookShape } from '@holdfast/engine/write-guard'
import { UsageError } from '../failure/usage-error.ts'

/** The hook of this name: one that the configuration names, one that is known, or one in a JSON file. */
export async function hookShape(name: string, { hooks }: Pick<GuardSettings, 'hooks'>): Promise<HookShape> {
  const known = ownOf(hooks, name) ?? ownOf(HOOKS, name)
  if (known !== undefined) return known
  if (!isFile(name)) {
    const names = [...new Set([...Object.keys(HOOKS), ...Object.keys(hooks)])].join(', ')
    throw new UsageError(`hook: ${JSON.stringify(name)} is not known; there are ${names}, or a file like ./hook.json.`)
  }
  const { readHookFile } = await import('./local-configuration.ts')
  return readHookFile(name)
}

/** What an object has under a name that was given: never what all objects inherit. */
function ownOf<T>(named: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(named, name) ? named[name] : undefined
}

/** Whether a hook's name is that of a file. */
export function isFile(name: string): boolean {
  return name.includes('/') || name.endsWith('.json')
}
