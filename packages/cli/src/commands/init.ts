import { DEFAULT_CONFIGURATION, withLeaseSpanBound, type Configuration } from '@holdfast/core'
import { openLedgerOn, parseDuration } from '@holdfast/engine/lean'
import { openStore } from '@holdfast/store'
import { atLedger } from '../answer/at-ledger.ts'
import { configurationOf, readSettings } from '../input/read-configuration.ts'
import { span } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples } from '../program/examples.ts'
import { EXIT } from '../program/exit-code.ts'
import { UsageError } from '../program/usage-error.ts'
import type { InitAnswer } from '../schemas/config.ts'
import type { Define } from './define.ts'

interface InitFlags {
  readonly ttl?: string
  readonly grace?: string
  readonly caseSensitive?: boolean
}

/** How many times the grace fits into the TTL where only a short TTL was given: as in the default configuration. */
const TTL_PER_GRACE = DEFAULT_CONFIGURATION.ttlDefaultMs / DEFAULT_CONFIGURATION.graceMs

/** `init`: makes store and ledger, with the configuration that decides from then on. */
export const init: Define = (command, shell) => {
  command
    .option('--ttl <duration>', 'TTL of a lease that names none')
    .option('--grace <duration>', 'how long a lease outlives its TTL before others may end it')
    .option('--case-sensitive', 'paths that differ only in case are different; for ever')
  examples(command, 'holdfast init --ttl 2m --grace 30s', 'holdfast init --store sqlite:team.db --config deciding.json')
  shell.does(command, async (flags: InitFlags) => {
    const { config, notes, asked } = await wanted(flags, shell.globals.config)
    const stream = shell.globals.ledger
    const store = await openStore(shell.storeUrl)
    const created = (await store.head(stream).catch(() => 'unknown')) === 'none'
    await using ledger = await openLedgerOn(store, { ledger: stream, config })
    if (!created && asked) refuseOther(ledger.config, config, ledger.url)
    const at = atLedger(ledger)
    const answer: InitAnswer = { ...at, url: ledger.url, created, config: ledger.config, notes: created ? notes : [] }
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
  if (JSON.stringify(present) === JSON.stringify(withLeaseSpanBound(asked))) return
  throw new UsageError(
    `${url} holds this ledger already, with another configuration; change it with \`holdfast config set FILE\`.`,
  )
}

function lines({ ledgerId, url, created, config, notes }: InitAnswer): readonly string[] {
  const times = `ttl ${span(config.ttlDefaultMs)}, grace ${span(config.graceMs)}`
  return [`${created ? tone.good('made') : 'there already'}  ${url}  ${ledgerId}`, `  ${times}`, ...notes]
}
