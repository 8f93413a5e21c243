import type { Define } from './define.ts'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Define>
}

/** All commands, in the order of the help. A command's file is loaded when it is named. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'init', summary: 'make a ledger', load: async () => (await import('./init.ts')).init },
  { name: 'config', summary: 'show or change what decides', load: async () => (await import('./config.ts')).config },
  { name: 'acquire', summary: 'ask for a lease', load: async () => (await import('./acquire.ts')).acquire },
  { name: 'heartbeat', summary: 'keep a lease', load: async () => (await import('./heartbeat.ts')).heartbeat },
  { name: 'release', summary: 'give a lease up', load: async () => (await import('./release.ts')).release },
  { name: 'check', summary: 'say whether a lease is held now', load: async () => (await import('./check.ts')).check },
  { name: 'adopt', summary: 'take a lease over', load: async () => (await import('./adopt.ts')).adopt },
  { name: 'scavenge', summary: 'end a lease of another', load: async () => (await import('./scavenge.ts')).scavenge },
  { name: 'halt', summary: 'ask a holder to stop', load: async () => (await import('./halt.ts')).halt },
  { name: 'spawn', summary: 'announce that work starts', load: async () => (await import('./spawn.ts')).spawn },
  { name: 'run', summary: 'run a command under a lease', load: async () => (await import('./run.ts')).run },
  {
    name: 'guard',
    summary: 'refuse writes in regions of others',
    load: async () => (await import('./guard.ts')).guard,
  },
  { name: 'reap', summary: 'end leases whose work is over', load: async () => (await import('./reap.ts')).reap },
  { name: 'beat', summary: 'write a heartbeat file', load: async () => (await import('./beat.ts')).beat },
  {
    name: 'presence',
    summary: 'say who beats in a folder',
    load: async () => (await import('./presence.ts')).presence,
  },
  { name: 'leases', summary: 'list the leases', load: async () => (await import('./leases.ts')).leases },
  { name: 'liveness', summary: 'say who is moving', load: async () => (await import('./liveness.ts')).liveness },
  { name: 'why', summary: 'explain an event, a lane or a lease', load: async () => (await import('./why.ts')).why },
  {
    name: 'history',
    summary: 'show who held a lane, and what happened to it',
    load: async () => (await import('./history.ts')).history,
  },
  {
    name: 'diff',
    summary: 'compare the leases of two points in time',
    load: async () => (await import('./diff.ts')).diff,
  },
  { name: 'wait', summary: 'wait until nobody holds a lane', load: async () => (await import('./wait.ts')).wait },
  { name: 'log', summary: 'show what was recorded', load: async () => (await import('./log.ts')).log },
  { name: 'status', summary: 'show a ledger at a glance', load: async () => (await import('./status.ts')).status },
  { name: 'verify', summary: 'check the whole log', load: async () => (await import('./verify.ts')).verify },
  {
    name: 'doctor',
    summary: 'look for what tends to be wrong',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  { name: 'compact', summary: 'shorten the log', load: async () => (await import('./compact.ts')).compact },
  {
    name: 'archive',
    summary: 'look after what was compacted',
    load: async () => (await import('./archive.ts')).archive,
  },
  { name: 'backup', summary: 'copy the store to a file', load: async () => (await import('./backup.ts')).backup },
  { name: 'restore', summary: 'put a backup back', load: async () => (await import('./restore.ts')).restore },
  {
    name: 'export',
    summary: 'write a ledger to a file',
    load: async () => (await import('./export.ts')).exportCommand,
  },
  {
    name: 'import',
    summary: 'read a ledger from a file',
    load: async () => (await import('./import.ts')).importCommand,
  },
  { name: 'move', summary: 'continue in another store', load: async () => (await import('./move.ts')).move },
  { name: 'repair', summary: 'pass over an unreadable event', load: async () => (await import('./repair.ts')).repair },
  { name: 'overlap', summary: 'compare two regions', load: async () => (await import('./overlap.ts')).overlap },
  { name: 'judge', summary: 'judge evidence', load: async () => (await import('./judge.ts')).judge },
]
