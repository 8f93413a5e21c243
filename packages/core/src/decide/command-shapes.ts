import * as z from 'zod'
import type { Shape } from '../shape.ts'
import {
  AcquireCommand,
  AdoptCommand,
  Command,
  HaltCommand,
  HeartbeatCommand,
  ReleaseCommand,
  ScavengeCommand,
  SpawnCommand,
  WithdrawCommand,
  WriteCommand,
} from './command.ts'

/** The commands of one-shot programs, each by its own schema. */
export const FrequentCommands = {
  acquire: AcquireCommand,
  withdraw: WithdrawCommand,
  heartbeat: HeartbeatCommand,
  release: ReleaseCommand,
  adopt: AdoptCommand,
  scavenge: ScavengeCommand,
  halt: HaltCommand,
  spawn: SpawnCommand,
  write: WriteCommand,
} as const satisfies Readonly<Record<string, Shape<Command>>>

/** Every command. Lazy: no parser is made of it, for those who need it are few. */
export const AnyCommand: Shape<Command> = z.lazy(() => Command)

/** As much of a command as its regions are, whatever else is wrong with it. */
export const WithRegions: Shape<{ claims: { region: string[] }[] }> = z.looseObject({
  claims: z.array(z.looseObject({ region: z.array(z.string()).default([]) })),
})
