import { Holder, parseCommand, type Command, type CommandInput, type Lease } from '@holdfast/core'
import { nextCommandId } from './alphabet.ts'

type Input<T extends Command['type']> = Extract<CommandInput, { readonly type: T }>
type Parsed<T extends Command['type']> = Extract<Command, { readonly type: T }>
type Options<T extends Command['type'], Given extends string> = Partial<Omit<Input<T>, 'type' | 'commandId' | Given>>

/** A command that came through the door that every command comes through. */
export function commandOf<T extends Command['type']>(input: Input<T>, caseSensitive = false): Parsed<T> {
  const parsed = parseCommand<T>(input, { caseSensitive })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return parsed.command
}

type ClaimInput = Input<'acquire'>['claims'][number]
interface OneClaim {
  readonly region?: readonly string[]
  readonly mode?: 'shared' | 'exclusive'
  readonly kind?: string
}

export function acquire(
  lane: string,
  holder: string,
  { region, mode, kind, ...options }: OneClaim & Options<'acquire', 'claims' | 'holder'> = {},
): Parsed<'acquire'> {
  const claim: ClaimInput = {
    lane,
    ...(region === undefined ? {} : { region: [...region] }),
    ...(mode === undefined ? {} : { mode }),
    ...(kind === undefined ? {} : { kind }),
  }
  return acquireAll('one', [claim], holder, options)
}

export function acquireAll(
  policy: 'one' | 'any' | 'all',
  claims: readonly ClaimInput[],
  holder: string,
  options: Options<'acquire', 'claims' | 'holder'> = {},
): Parsed<'acquire'> {
  return commandOf({ type: 'acquire', commandId: nextCommandId(), holder, policy, claims: [...claims], ...options })
}

type Held = Pick<Lease, 'lane' | 'holder' | 'token'>

export function beat({ lane, holder, token }: Held, options: Options<'heartbeat', keyof Held> = {}) {
  return commandOf({ type: 'heartbeat', commandId: nextCommandId(), lane, holder, token, ...options })
}

export function release({ lane, holder, token }: Held, options: Options<'release', keyof Held> = {}) {
  return commandOf({ type: 'release', commandId: nextCommandId(), lane, holder, token, ...options })
}

export function adopt(
  { lane, token }: Pick<Held, 'lane' | 'token'>,
  newHolder: string,
  options: Options<'adopt', 'lane' | 'newHolder' | 'expectToken'> = {},
) {
  return commandOf({ type: 'adopt', commandId: nextCommandId(), lane, expectToken: token, newHolder, ...options })
}

export function scavenge(
  { lane, token }: Pick<Held, 'lane' | 'token'>,
  options: Options<'scavenge', 'lane' | 'token'> = {},
) {
  return commandOf({ type: 'scavenge', commandId: nextCommandId(), lane, token, ...options })
}

export function halt(handle: string, options: Options<'halt', 'handle'> = {}) {
  return commandOf({ type: 'halt', commandId: nextCommandId(), handle, ...options })
}

export function spawn(lane: string, holder: string, options: Options<'spawn', 'lane' | 'holder'> = {}) {
  return commandOf({ type: 'spawn', commandId: nextCommandId(), lane, holder, ...options })
}

export function write(
  holder: string | null,
  paths: readonly string[],
  options: Options<'write', 'holder' | 'paths'> = {},
) {
  return commandOf({ type: 'write', commandId: nextCommandId(), holder, paths: [...paths], ...options })
}

export function withdraw(holder: string, requestId: string) {
  return commandOf({ type: 'withdraw', commandId: nextCommandId(), holder, requestId })
}

export function configure(config: Input<'configure'>['config']) {
  return commandOf({ type: 'configure', commandId: nextCommandId(), config })
}

export function checkpoint(options: Options<'checkpoint', never> = {}) {
  return commandOf({ type: 'checkpoint', commandId: nextCommandId(), ...options })
}

export function repair(skip: number) {
  return commandOf({ type: 'repair', commandId: nextCommandId(), skip })
}

export function holderNamed(name: string): Holder {
  return Holder.parse(name)
}
