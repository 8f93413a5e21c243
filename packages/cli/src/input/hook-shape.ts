import { HOOKS, HookShape, type GuardSettings } from '@holdfast/engine/write-guard'
import { UsageError } from '../program/usage-error.ts'
import { firstFaults } from './first-faults.ts'
import { readJson } from './read-json.ts'

/** The hook of this name: one that the configuration names, one that is known, or one in a JSON file. */
export async function hookShape(name: string, { hooks }: Pick<GuardSettings, 'hooks'>): Promise<HookShape> {
  const known = hooks[name] ?? HOOKS[name]
  if (known !== undefined) return known
  if (!isFile(name)) {
    const names = [...new Set([...Object.keys(HOOKS), ...Object.keys(hooks)])].join(', ')
    throw new UsageError(`hook: ${JSON.stringify(name)} is not known; there are ${names}, or a file like ./hook.json.`)
  }
  const parsed = HookShape.safeParse(await readJson(name))
  if (parsed.success) return parsed.data
  throw new UsageError(`The hook in ${JSON.stringify(name)} is wrong at ${firstFaults(parsed.error)}`)
}

/** Whether a hook's name is that of a file. */
export function isFile(name: string): boolean {
  return name.includes('/') || name.endsWith('.json')
}
