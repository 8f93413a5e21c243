import { DEFAULT_CONFIGURATION, type Configuration } from '@holdfast/core'
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
import { openInTree } from './init-in-tree.ts'

interface InitFlags {
  readonly ttl?: string
  readonly grace?: string
  readonly caseSensitive?: boolean
  readonly inTree?: boolean
}

/** How many times the grace fits into the TTL where only a short TTL was given: as in the default configuration. */
const TTL_PER_GRACE = DEFAULT_CONFIGURATION.ttlDefaultMs / DEFAULT_CONFIGURATION.graceMs

/** `init`: makes store and ledger, with the configuration that decides from then on. */
export const init: Define = (command, shell) => {
  command
    .option('--ttl <duration>', 'TTL of a lease that names none')
    .option('--grace <duration>', 'how long a lease outlives its TTL before others may end it')
    .option('--in-tree', 'at the top of the main work tree: for sandboxes that keep the git directory read-only')
    .option('--case-sensitive', 'paths that differ only in case are different; for ever')
  examples(command, 'holdfast init --ttl 2m --grace 30s', 'holdfast init --store sqlite:team.db --config deciding.json')
  shell.does(command, async (flags: InitFlags) => {
    const { config, notes, asked } = await wanted(flags, shell.globals.config)
    const stream = shell.globals.ledger
    const store = flags.inTree === true ? await openInTree(shell) : await shell.openStore('always')
    await using ledger = await openLedgerOn(store, { ledger: stream, config })
    const created = ledger.made
    checkMeant({ url: ledger.url, ...ledger.state }, { evenMoved: false })
    if (!created && asked) refuseOther(ledger.config, config, ledger.url)
    const at = atLedger(ledger)
    const made = { created, config: ledger.config, notes: created ? notes : [] }
    const answer: InitAnswer = { ...at, ...atPlace(shell.which, ledger.url), url: ledger.url, ...made }
    await shell.answer(answer, lines)
    return EXIT.done
  })
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
  if (JSON.stringify(present) === JSON.stringify(asked)) return
  throw new UsageError(
    `${url} holds this ledger already, with another configuration; change it with \`holdfast config set FILE\`.`,
  )
}

function lines({ ledgerId, url, why, created, config, notes }: InitAnswer): readonly string[] {
  const times = `ttl ${span(config.ttlDefaultMs)}, grace ${span(config.graceMs)}`
  return [
    `${created ? tone.good('made') : 'there already'}  ${url}  ${ledgerId}`,
    `  ${WHY[why]}`,
    `  ${times}`,
    ...notes,
  ]
}
