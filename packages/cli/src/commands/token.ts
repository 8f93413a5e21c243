import { parseDuration } from '@holdfast/engine/lean'
import { Right, TokenStore, type TokenFile } from '@holdfast/server'
import { instantOf } from '@holdfast/projections'
import type { Command } from 'commander'
import { EXIT } from '../failure/exit-code.ts'
import { UsageError } from '../failure/usage-error.ts'
import { collect, required } from '../input/flag-values.ts'
import { rightsIn } from '../input/rights-in.ts'
import { plain } from '../print/plain.ts'
import { table } from '../print/table.ts'
import { clock } from '../print/times.ts'
import { tone } from '../print/tone.ts'
import { examples, type Define } from '../program/define.ts'
import { openFold } from '../program/open-fold.ts'
import type { Shell } from '../program/shell.ts'
import type { TokenJson } from '../schemas/token.ts'

interface CreateFlags {
  readonly name?: string
  readonly can?: string
  readonly lanes?: readonly string[]
  readonly holders?: readonly string[]
  readonly expires?: string
  readonly allLedgers?: boolean
}

/** `token`: what lets a program in by HTTP. */
export const token: Define = (command, shell) => {
  create(command.command('create').description('make a token and print its secret, once'), shell)
  list(command.command('list').description('list the tokens of the store, without their secrets'), shell)
  revoke(command.command('revoke').description('end a token at once, in a running server as well'), shell)
}

function create(command: Command, shell: Shell): void {
  command
    .option('--name <name>', 'name of the token; it is recorded with every event that comes by it')
    .option('--can <rights>', `what it may do, with commas: ${Right.options.join(', ')}`)
    .option('--lanes <pattern>', 'only lanes that match; * stands for any characters; repeat for more', collect)
    .option('--holders <pattern>', 'only as holders that match; repeat for more', collect)
    .option('--expires <duration>', 'how long it is good, such as 30d (default: until it is revoked)')
    .option('--all-ledgers', 'for every ledger of the store, not for the one that --ledger names alone')
  examples(
    command,
    "holdfast token create --name ci --can acquire,release,heartbeat,read --lanes 'ci/*' --holders 'ci-*' --expires 30d",
    'holdfast token create --name dashboard --can read --all-ledgers --json',
  )
  shell.does(command, async (flags: CreateFlags) => {
    const name = required(flags.name, 'name', '--name NAME')
    const can = rightsIn(required(flags.can, 'can', '--can read'))
    const expiresMs = flags.expires === undefined ? null : parseDuration(flags.expires, 'expires')
    const nowMs = Date.now()
    const { secret, token: made } = (await tokens(shell)).create(
      {
        name,
        can,
        ledgers: flags.allLedgers === true ? null : [shell.globals.ledger],
        lanes: flags.lanes === undefined ? null : [...flags.lanes],
        holders: flags.holders === undefined ? null : [...flags.holders],
        expiresAtMs: expiresMs === null ? null : nowMs + expiresMs,
      },
      nowMs,
    )
    await shell.answer({ ...tokenJson(made), secret }, () => {
      shell.out.remark(`Token ${name}. Keep it now: it is not shown again, and the store has its hash alone.`)
      return [secret]
    })
    return EXIT.done
  })
}

function list(command: Command, shell: Shell): void {
  examples(command, 'holdfast token list', 'holdfast token list --json')
  shell.does(command, async () => {
    const answer = { tokens: (await tokens(shell)).list().map(tokenJson) }
    await shell.answer(answer, ({ tokens: known }) => {
      if (known.length === 0) return ['No tokens.']
      const headings = ['NAME', 'CAN', 'LEDGERS', 'LANES', 'HOLDERS', 'EXPIRES'].map(tone.faint)
      return table([headings, ...known.map(row)])
    })
    return EXIT.done
  })
}

function revoke(command: Command, shell: Shell): void {
  command.argument('<name>', 'name of the token')
  examples(command, 'holdfast token revoke ci')
  shell.does(command, async (name: string) => {
    if (!(await tokens(shell)).revoke(name)) {
      throw new UsageError(
        `name: there is no token ${JSON.stringify(name)}; \`holdfast token list\` shows those there are.`,
      )
    }
    await shell.answer({ revoked: name }, () => [`${tone.good('revoked')}  ${plain(name)}`])
    return EXIT.done
  })
}

/** The tokens of the store that is meant, which has to be there. */
async function tokens(shell: Shell): Promise<TokenStore> {
  const { store } = await openFold(shell)
  await store.close()
  return new TokenStore(store.url)
}

function tokenJson({ name, can, ledgers, lanes, holders, createdAtMs, expiresAtMs }: TokenFile): TokenJson {
  const expiresAt = expiresAtMs === null ? null : instantOf(expiresAtMs)
  return { name, can, ledgers, lanes, holders, createdAt: instantOf(createdAtMs), expiresAt }
}

function row({ name, can, ledgers, lanes, holders, expiresAt }: TokenJson): readonly string[] {
  const all = (names: readonly string[] | null): string => names?.map(plain).join(' ') ?? 'all'
  const until = expiresAt === null ? 'never' : clock(Date.parse(expiresAt))
  return [name, can.join(' '), all(ledgers), all(lanes), all(holders), until]
}
