import { existsSync } from 'node:fs'
import { DEFAULT_CONFIGURATION, type Configuration } from '@holdfast/core'
import { withLeaseSpanBound } from '@holdfast/core/internal'
import { openLeanLedgerOn, parseDuration, type Ledger } from '@holdfast/engine/lean'
import {
  giveUpInTree,
  markInTree,
  recordRoot,
  whichLedger,
  type RecordedRoot,
  type WhichLedger,
} from '@holdfast/engine/which-ledger'
import { WHY } from '@holdfast/server/text'
import { atLedger, atPlace } from '@holdfast/server/answers'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { workingFolder } from '../input/environment.ts'
import { configurationOf, readSettings } from '../input/read-configuration.ts'
import { rootAsked } from '../input/root-asked.ts'
import { span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { checkMeant } from '../program/check-meant.ts'
import { examples, type Define } from '../program/define.ts'
import { pathOf } from '../program/store-url.ts'
import type { InitAnswer } from '../schemas/ledger.ts'
import { inTreePath, openInTree } from './init-in-tree.ts'

interface InitFlags {
  readonly ttl?: string
  readonly grace?: string
  readonly caseSensitive?: boolean
  readonly inTree?: boolean
  readonly shared?: string
  readonly root?: string
  readonly anew?: boolean
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
    .option('--anew', 'give up the ledger of the main work tree, which was removed, and begin a new one')
    .option(
      '--root <dir>',
      'what regions are relative to; each: the top of whichever work tree a caller is in, for clones',
    )
    .option('--case-sensitive', 'paths that differ only in case are different; for ever')
    .option(
      '--shared <group>',
      'all members of this group read and write it, also one that is there (default: you alone)',
    )
  command.addHelpText('after', MODES)
  examples(command, 'holdfast init --ttl 2m --grace 30s', 'holdfast init --shared developers --config deciding.json')
  shell.does(command, async (flags: InitFlags) => {
    const { config, notes, asked } = await wanted(flags, shell.globals.config)
    if (flags.anew === true && giveUpInTree(workingFolder()) === null) {
      throw new UsageError('anew: no ledger of this repository is missing; leave --anew out.')
    }
    const url = flags.inTree === true ? `${SQLITE}${inTreePath(shell)}` : shell.which.url
    const record = flags.root === undefined ? undefined : rootAsked(url, flags.root)
    const sharing = flags.shared === undefined ? undefined : await sharingOf(url, flags.shared)
    const stream = shell.globals.ledger
    const before = foundHere()
    const store = flags.inTree === true ? await openInTree(shell, record) : await shell.openStore('always', { record })
    await using ledger = await openLeanLedgerOn(store, { ledger: stream, config })
    const created = ledger.made
    checkMeant({ url: ledger.url, ...ledger.state })
    // They tell of a configuration, which was not set.
    if (!created) notes.length = 0
    if (!created && asked) refuseOther(ledger.config, config, ledger.url)
    if (record !== undefined && !created) await reroot(ledger, record, url.slice(SQLITE.length))
    const shared = sharing?.()
    if (created) shell.warnIfSeenByGit(ledger.url)
    if (shell.json) notes.push(...shell.warnings)
    if (created) notes.push(...shadowed(before, ledger.url))
    const path = pathOf(ledger.url)
    if (path !== null && !markInTree(path, ledger.ledgerId)) notes.push(NOT_MARKED)
    const at = atLedger(ledger)
    const made = { created, config: ledger.config, shared, notes }
    const answer: InitAnswer = { ...at, ...atPlace(shell.whichNow(), ledger.url), url: ledger.url, ...made }
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

/** What a command without `--store` means in this folder; `null`: that cannot be said. */
function foundHere(): WhichLedger | null {
  try {
    return whichLedger({ folder: workingFolder(), environment: {} })
  } catch {
    return null
  }
}

/** The ledger that was meant here until this one was made nearer. */
function shadowed(before: WhichLedger | null, url: string): readonly string[] {
  const path = before === null ? null : pathOf(before.url)
  if (before === null || path === null || before.url === url || !existsSync(path)) return []
  if (foundHere()?.url !== url) return []
  return [
    `Commands in this folder used ${before.url} until now, and use the new one from now on. The two ledgers do not exclude anybody from each other: if that is not meant, remove the new one, and see \`holdfast doctor\`.`,
  ]
}

const NOT_MARKED =
  'The git directory cannot be written, so nobody will be told should .holdfast be removed (git clean -x, rm): the next write makes another ledger then.'

/** Gives the regions of a ledger another root. What is leased now would mean other files from one moment to the next. */
async function reroot(ledger: Ledger, record: RecordedRoot, path: string): Promise<void> {
  const { leases, draining } = await ledger.refresh()
  const [drains] = draining.kept(await ledger.now())
  if (leases.size > 0 || drains !== undefined) {
    throw new UsageError(
      'root: leases are live or drain in this ledger, and would cover other files from now on; `holdfast leases` shows them. Try again when they have ended.',
    )
  }
  recordRoot(path, record, { replace: true })
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

function lines({ ledgerId, url, why, root, created, config, shared, notes }: InitAnswer): readonly string[] {
  const times = `ttl ${span(config.ttlDefaultMs)}, grace ${span(config.graceMs)}`
  const users = shared === undefined ? [] : [`  shared with group ${shared.group}: its members read and write it`]
  return [
    `${created ? tone.good('made') : 'there already'}  ${url}  ${ledgerId}`,
    `  ${WHY[why]}; regions are relative to ${root}`,
    `  ${times}`,
    ...users,
    ...notes,
  ]
}
