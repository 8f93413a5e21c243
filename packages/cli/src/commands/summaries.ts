import type { Define } from './define.ts'

/** All commands with what they do, in the order of the help. */
export const SUMMARIES = {
  init: 'make a ledger',
  config: 'show or change what decides',
  acquire: 'ask for a lease',
  heartbeat: 'keep a lease',
  release: 'give a lease up',
  check: 'say whether a lease is held now',
  adopt: 'take a lease over',
  scavenge: 'end a lease of another',
  halt: 'ask a holder to stop',
  spawn: 'announce that work starts',
  run: 'run a command under a lease',
  guard: 'refuse writes in regions of others',
  reap: 'end leases whose work is over',
  beat: 'write a heartbeat file',
  presence: 'say who beats in a folder',
  leases: 'list the leases',
  liveness: 'say who is moving',
  why: 'explain an event, a lane or a lease',
  history: 'show who held a lane, and what happened to it',
  diff: 'compare the leases of two points in time',
  wait: 'wait until an acquire of a lane would be granted',
  log: 'show what was recorded',
  status: 'show a ledger at a glance',
  verify: 'check the whole log',
  doctor: 'say what is in the way, since when, and what to do',
  compact: 'shorten the log',
  archive: 'look after what was compacted',
  backup: 'copy the store to a file',
  restore: 'put a backup back',
  export: 'write a ledger to a file',
  import: 'read a ledger from a file',
  move: 'continue in another store',
  repair: 'pass over an unreadable event',
  overlap: 'compare two regions',
  judge: 'judge evidence',
} as const

export type CommandName = keyof typeof SUMMARIES

/** Where commands come from, by name, in the order of the help. */
export type CommandTable = ReadonlyMap<CommandName, () => Promise<Define>>
