import { DEFAULT_CONFIGURATION, withLeaseSpanBound, type Configuration } from '@holdfast/core'
import { openLedgerOn, parseDuration } from '@holdfast/engine/lean'
import { atLedger } from '../answer/at-ledger.ts'
import { atPlace } from '../answer/at-place.ts'
import { configurationOf, readSettings } from '../input/read-configuration.ts'
import { span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { WHY } from '../print/why-this-ledger.ts'
import { checkMeant } from '../program/check-meant.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { UsageError } from '../program/usage-error.ts'
import type { InitAnswer } from '../schemas/config.ts'
import type { Define } from './define.ts'
import { inTreePath, openInTree } from './init-in-tree.ts'

interface InitFlags {
  readonly ttl?: string
  readonly grace?: string
  readonly caseSensitive?: boolean
  readonly inTree?: boolean
  readonly shared?: string
}

const SQLITE = 'sqlite:'

const MODES = `
Files are made with mode 0600 and folders with 0700, whatever the umask. With --shared they have 0660 and 2770, and belong
to the group. docs/sharing.md tells more.`

/** How many times the grace fits into the TTL where only a short TTL was given: as in the default configuration. */
const TTL_PER_GRACE = DEFAULT_CONFIGURATION.ttlDefaultMs / DEFAULT_CONFIGURATION.graceMs

/** `init`: makes store and ledger, with the configuration that decides from then on. */
export const init: Define = (command, shell) => {
  command
    .option('--ttl <duration>', 'TTL of a lease that names none')
    .option('--grace <duration>', 'how long a lease outlives its TTL before others may end it')
    .option('--in-tree', 'at the top of the main work tree: for sandboxes that keep the git directory read-only')
    .option('--case-sensitive', 'paths that differ only in case are different; for ever')
    .option(
      '--shared <group>',
      'all members of this group read and write it, also one that is there (default: you alone)',
    )
  command.addHelpText('after', MODES)
  examples(command, 'holdfast init --ttl 2m --grace 30s', 'holdfast init --shared developers --config deciding.json')
  shell.does(command, async (flags: InitFlags) => {
    const { config, notes, asked } = await wanted(flags, shell.globals.config)
    const url = flags.inTree === true ? `${SQLITE}${inTreePath(shell)}` : shell.which.url
    const sharing = flags.shared === undefined ? undefined : await sharingOf(url, flags.shared)
    const stream = shell.globals.ledger
    const store = flags.inTree === true ? await openInTree(shell) : await shell.openStore('always')
    await using ledger = await openLedgerOn(store, { ledger: stream, config })
    const created = ledger.made
    checkMeant({ url: ledger.url, ...ledger.state })
    if (!created && asked) refuseOther(ledger.config, config, ledger.url)
    const shared = sharing?.()
    const at = atLedger(ledger)
    const made = { created, config: ledger.config, shared, notes: created ? notes : [] }
    const answer: InitAnswer = { ...at, ...atPlace(shell.which, ledger.url), url: ledger.url, ...made }
    await shell.answer(answer, lines)
    return EXIT.done
  })
}

/** Checks all that can be checked before anything is made; what it gives back shares the store. */
async function sharingOf(url: string, name: string): Promise<() => NonNullable<InitAnswer['shared']>> {
  const path = url.startsWith(SQLITE) ? url.slice(SQLITE.length) : undefined
  if (path === undefined) throw new UsageError('shared: only a SQLite store has files to share; give sqlite:PATH.')
  const { groupToShare } = await import('../input/group-to-share.ts')
  const { checkShareable, shareStore } = await import('@holdfast/store/sqlite')
  const group = groupToShare(name)
  checkShareable({ path, gid: group.gid })
  return () => {
    shareStore({ path, gid: group.gid })
    return group
  }
}

interface Wanted {
  readonly config: Configuration
  readonly notes: string[]
  /** Whether anything but the defaults was asked for. */
  readonly asked: boolean
}

async function wanted({ ttl, grace, caseSensitive }: InitFlags, file: string | undefined): Promise<Wanted> {
  const settings = { ...(file === undefined ? {} : await readSettings(file)) }
  const notes: string[] = []
  if (caseSensitive === true) settings['caseSensitive'] = true
  if (ttl !== undefined) settings['ttlDefaultMs'] = parseDuration(ttl, 'ttl')
  if (grace !== undefined) settings['graceMs'] = parseDuration(grace, 'grace')
  const { ttlDefaultMs, graceMs } = settings
  if (typeof ttlDefaultMs === 'number' && graceMs === undefined && ttlDefaultMs <= DEFAULT_CONFIGURATION.graceMs) {
    const scaledMs = Math.floor(ttlDefaultMs / TTL_PER_GRACE)
    settings['graceMs'] = scaledMs
    notes.push(
      `The grace is ${span(scaledMs)}: the default of ${span(DEFAULT_CONFIGURATION.graceMs)} does not fit the TTL.`,
    )
  }
  return { config: configurationOf(settings), notes, asked: Object.keys(settings).length > 0 }
}

function refuseOther(present: Configuration, asked: Configuration, url: string): void {
  if (JSON.stringify(present) === JSON.stringify(withLeaseSpanBound(asked))) return
  throw new UsageError(
    `${url} holds this ledger already, with another configuration; change it with \`holdfast config set FILE\`.`,
  )
}

function lines({ ledgerId, url, why, created, config, shared, notes }: InitAnswer): readonly string[] {
  const times = `ttl ${span(config.ttlDefaultMs)}, grace ${span(config.graceMs)}`
  const users = shared === undefined ? [] : [`  shared with group ${shared.group}: its members read and write it`]
  return [
    `${created ? tone.good('made') : 'there already'}  ${url}  ${ledgerId}`,
    `  ${WHY[why]}`,
    `  ${times}`,
    ...users,
    ...notes,
  ]
}
