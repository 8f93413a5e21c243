import { Holder, type InputFault } from '@holdfast/core'
import { InputError } from '../input-error.ts'
import type { ReaperOptions } from './reaper-options.ts'

/** Longest time between two ticks: a day. */
export const REAP_INTERVAL_MAX_MS = 24 * 3600 * 1000

type Kind = 'function' | 'boolean' | 'object' | 'name' | 'interval'

/** Every option, by what it must be. */
const KINDS: Readonly<Record<keyof ReaperOptions, Kind>> = {
  holder: 'name',
  gate: 'function',
  onReaped: 'function',
  onFailed: 'function',
  onAction: 'function',
  spinning: 'function',
  haltSpinning: 'boolean',
  alreadyAdvanced: 'function',
  intervalMs: 'interval',
  enabled: 'boolean',
  dryRun: 'boolean',
  probe: 'function',
  timers: 'object',
  boot: 'object',
  random: 'function',
}

/** @throws InputError that names every option that cannot be meant, an unknown one included. */
export function checkReaperOptions(options: ReaperOptions): void {
  const given: unknown = options
  if (typeof given !== 'object' || given === null)
    throw new InputError([{ path: 'options', message: 'give an object with holder' }])
  const named = Object.entries(options).filter(([name]) => name !== 'holder')
  const faults = [...faultsOf('holder', options.holder), ...named.flatMap(([name, value]) => faultsOf(name, value))]
  if (faults.length > 0) throw new InputError(faults)
}

function faultsOf(path: string, value: unknown): readonly InputFault[] {
  if (!isOption(path)) return [{ path, message: `is no option; there are ${Object.keys(KINDS).join(', ')}` }]
  const message = value === undefined && path !== 'holder' ? null : faultOf(KINDS[path], value)
  return message === null ? [] : [{ path, message }]
}

function faultOf(kind: Kind, value: unknown): string | null {
  switch (kind) {
    case 'name': {
      const name = Holder.safeParse(value)
      return name.success ? null : 'must name who claims, as a holder is named'
    }
    case 'interval': {
      const fits = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= REAP_INTERVAL_MAX_MS
      return fits ? null : `must be whole milliseconds from 1 to ${REAP_INTERVAL_MAX_MS}`
    }
    case 'object':
      return typeof value === 'object' && value !== null ? null : 'must be an object'
    case 'function':
    case 'boolean':
      return typeof value === kind ? null : `must be a ${kind}`
  }
}

function isOption(name: string): name is keyof ReaperOptions {
  return Object.hasOwn(KINDS, name)
}
