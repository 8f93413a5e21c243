import type { Define } from './define.ts'

/** The groups of the help, in its order, and all commands with what they do. */
export const HELP_GROUPS = {
  Lease: {
    init: 'create a ledger',
    config: 'show or change the rules that the ledger records',
    acquire: 'request a lease on a lane',
    claim: 'lease files and folders by their paths',
    heartbeat: 'renew a lease before it expires',
    release: 'give up a lease',
    check: 'tell whether a lease is held now',
    adopt: 'take over the lease of another holder',
    scavenge: 'end the lease of another holder',
    halt: 'ask a holder to stop its work',
    spawn: 'record that work is about to start',
  },
  'Run and guard': {
    setup: 'enter holdfast into coding agents, in one command',
    run: 'run a command and hold a lease while it runs',
    guard: 'refuse file changes in regions that others hold',
  },
  Ask: {
    leases: 'list the leases, now or at an earlier time',
    liveness: 'show which holders make progress',
    top: 'watch the leases, waiters and events in a terminal',
    why: 'explain an event, a lane or a lease',
    contention: 'show which lanes, folders and holders collide',
    gaps: 'show beats that came late, by holder',
    runs: 'show what each run held and how it ended',
    history: 'show who held a lane or lease, and what happened',
    diff: 'compare the leases at two points in time',
    wait: 'wait until a lane is free to acquire',
    log: 'show the recorded events',
    status: 'show a summary of the ledger',
    doctor: 'find what blocks work, and what to do about it',
    overlap: 'test whether two regions share a path',
    judge: 'compute a verdict from given evidence',
  },
  Reap: {
    reap: 'end leases whose work is over, and act on each',
  },
  Maintain: {
    serve: 'commit for the other processes of this host',
    mcp: 'serve an agent by the Model Context Protocol',
    skill: 'print what teaches an agent these commands',
    token: 'make, list and revoke tokens for HTTP',
    notify: 'check or try the rules by which serve tells people',
    verify: 'check the whole log for errors',
    compact: 'shorten the log and archive what was cut',
    archive: 'export or delete archived events',
    backup: 'copy the store to a file',
    restore: 'continue from a backup',
    export: 'write the events of a ledger to a file',
    import: 'read events from a file into an empty ledger',
    move: 'move the ledger to another store',
    repair: 'skip an event that cannot be read',
  },
  Files: {
    beat: 'write a heartbeat file, for programs without a lease',
    presence: 'list the heartbeat files of a folder and who is alive',
  },
} as const

type Groups = typeof HELP_GROUPS
export type CommandName = { [G in keyof Groups]: keyof Groups[G] }[keyof Groups]

interface HelpEntry {
  /** The heading that it stands under. */
  readonly group: string
  readonly summary: string
}

/** Where each command stands in the help, by name. */
export const HELP_ENTRIES: ReadonlyMap<string, HelpEntry> = new Map(
  Object.entries(HELP_GROUPS).flatMap(([group, commands]) =>
    Object.entries<string>(commands).map(([name, summary]) => [name, { group, summary }] as const),
  ),
)

/** Where commands come from, by name. `COMMANDS` has them in the order of the help. */
export type CommandTable = ReadonlyMap<CommandName, () => Promise<Define>>
