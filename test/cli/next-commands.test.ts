import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { Kind, Lane, RefusalCode } from '@holdfast/core'
import { openLedger, type Ledger } from '@holdfast/engine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Holdfast } from './holdfast.ts'

/** The command line in one process that stays: each line is run as if it were typed. */
class TypedLines {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string, undefined>
  readonly #reader: Interface

  constructor(folder: string) {
    const script = join(import.meta.dirname, 'typed-lines.ts')
    this.#child = spawn(process.execPath, [script], { cwd: folder })
    this.#child.stderr.resume()
    this.#reader = createInterface({ input: this.#child.stdout })
    this.#answers = this.#reader[Symbol.asyncIterator]()
  }

  async run(words: readonly string[]): Promise<{ readonly exitCode: number; readonly answer: unknown }> {
    this.#child.stdin.write(`${JSON.stringify(words)}\n`)
    let answer: unknown
    for (;;) {
      const next = await this.#answers.next()
      if (next.done === true) throw new Error(`it ended before it answered: ${words.join(' ')}`)
      const ended = /^#exit (\d+)$/.exec(next.value)
      if (ended !== null) return { exitCode: Number(ended[1]), answer }
      if (next.value.startsWith('{')) answer = JSON.parse(next.value)
    }
  }

  async close(): Promise<void> {
    this.#child.stdin.end()
    await once(this.#child, 'exit')
    this.#reader.close()
  }
}

interface Case {
  readonly prepare: (ledger: Ledger) => Promise<unknown>
  readonly refused: readonly string[]
  readonly action: string
  /** What happens beside the command; without it nothing has to. */
  readonly meanwhile?: (ledger: Ledger) => Promise<unknown>
  /** The refused line itself is not to be granted afterwards: another one was, or there is nothing to repeat. */
  readonly isOver?: true
}

const ASK = ['acquire', 'api', '--holder', 'ben']
const letGo =
  (lane: string, holder: string, token = 1) =>
  (ledger: Ledger) =>
    ledger.release({ lane, holder, token })

/** Who waits in line before the one that is refused. */
let cid: ReturnType<Ledger['acquire']> | undefined

/** Each refusal that can be brought about, by code, with the way out that is tried. */
const CASES: Readonly<Record<string, Case>> = {
  'lane-held': {
    prepare: ledger => ledger.acquire({ lane: 'api', holder: 'ann', ttl: '10m' }),
    refused: ASK,
    action: 'wait',
    meanwhile: letGo('api', 'ann'),
    isOver: true,
  },
  'region-held': {
    prepare: ledger => ledger.acquire({ lane: 'web', holder: 'ann', ttl: '10m', region: ['src/**'] }),
    refused: [...ASK, '--region', 'src/a'],
    action: 'wait',
    meanwhile: letGo('web', 'ann'),
    isOver: true,
  },
  'exclusive-lane-live': {
    prepare: async ledger => {
      await ledger.configure({ ...ledger.config, exclusiveLanes: [Lane.parse('api')] })
      await ledger.acquire({ lane: 'web', holder: 'ann', ttl: '10m' })
    },
    refused: ASK,
    action: 'wait',
    meanwhile: letGo('web', 'ann', 2),
    isOver: true,
  },
  'budget-exhausted': {
    prepare: async ledger => {
      await ledger.configure({ ...ledger.config, kinds: { [Kind.parse('big')]: { budget: 1 } } })
      await ledger.acquire({ lane: 'web', holder: 'ann', kind: 'big', ttl: '10m' })
    },
    refused: [...ASK, '--kind', 'big'],
    action: 'wait',
    meanwhile: letGo('web', 'ann', 2),
    isOver: true,
  },
  'queued-behind': {
    prepare: async ledger => {
      await ledger.acquire({ lane: 'api', holder: 'ann', mode: 'shared', ttl: '10m' })
      cid = ledger.acquire({ lane: 'api', holder: 'cid', ttl: '10m' }, { wait: '10m' })
      await expect.poll(() => ledger.state.counts.REFUSE).toBeGreaterThan(0)
      await ledger.refresh()
    },
    refused: [...ASK, '--mode', 'shared'],
    action: 'wait',
    meanwhile: async ledger => {
      await letGo('api', 'ann')(ledger)
      const asked = await cid
      if (asked?.outcome === 'granted') await letGo('api', 'cid', asked.lease.token)(ledger)
    },
    isOver: true,
  },
  'held-by-self': {
    prepare: ledger => ledger.acquire({ lane: 'api', holder: 'ben', ttl: '10m' }),
    refused: ASK,
    action: 'release',
  },
  'still-held': {
    prepare: ledger => ledger.acquire({ lane: 'api', holder: 'ann', ttl: '10m' }),
    refused: ['scavenge', 'api', '--token', '1'],
    action: 'force',
    isOver: true,
  },
  'unknown-lane': {
    prepare: ledger => {
      const lanes = { [Lane.parse('web')]: { region: [], kind: null } }
      return ledger.configure({ ...ledger.config, freeLanes: false, lanes })
    },
    refused: ASK,
    action: 'configure',
  },
  'request-id-reused': {
    prepare: ledger => ledger.acquire({ lane: 'web', holder: 'ben', requestId: 'q', ttl: '10m' }),
    refused: [...ASK, '--request-id', 'q'],
    action: 'change',
    isOver: true,
  },
  ended: {
    prepare: async ledger => {
      await ledger.acquire({ lane: 'api', holder: 'ben', requestId: 'q', ttl: '10m' })
      await ledger.release({ lane: 'api', holder: 'ben', token: 1 })
    },
    refused: [...ASK, '--request-id', 'q'],
    action: 'change',
    isOver: true,
  },
  'not-held': {
    prepare: async () => undefined,
    refused: ['heartbeat', 'api', '--holder', 'ben', '--token', '1'],
    action: 'acquire',
    isOver: true,
  },
  'not-held, of a release': {
    prepare: async () => undefined,
    refused: ['release', 'api', '--holder', 'ben', '--token', '1'],
    action: 'look',
    isOver: true,
  },
  'stale-token': {
    prepare: async ledger => {
      await ledger.acquire({ lane: 'api', holder: 'ben', ttl: '10m' })
      await ledger.adopt({ lane: 'api', newHolder: 'ann', expectToken: 1, force: true })
    },
    refused: ['heartbeat', 'api', '--holder', 'ben', '--token', '1'],
    action: 'release',
    isOver: true,
  },
  'stale-token, of an adoption': {
    prepare: async ledger => {
      await ledger.configure({ ...ledger.config, graceMs: 1 })
      await ledger.acquire({ lane: 'api', holder: 'ann', ttl: '1ms' })
    },
    refused: ['adopt', 'api', '--holder', 'ben', '--expect-token', '1'],
    action: 'retry',
    isOver: true,
  },
}

/** `self-conflict` and a local rule leave a choice; a line that is full and a withdrawn request are no test's here. */
const WITHOUT = ['self-conflict', 'predicate-refused', 'queue-full', 'withdrawn']

/** Tried in `wedges.test.ts`, with processes of their own. */
const ELSEWHERE = ['draining', 'orphan-alive', 'awaiting-reap']

const Answer = z.looseObject({
  code: z.string().optional(),
  outcome: z.string().optional(),
  next: z.array(z.looseObject({ action: z.string(), command: z.string().optional() })),
})

describe('what a refusal says to do next', () => {
  const holdfast = new Holdfast()
  const typed = new TypedLines(holdfast.folder)
  const url = `sqlite:${holdfast.path('.holdfast', 'ledger.db')}`
  let first: Ledger
  beforeAll(async () => {
    first = await openLedger(url)
  })
  afterAll(async () => {
    await Promise.all([typed.close(), first.close()])
  })

  it('is tried for every code', () => {
    const codes = [...Object.keys(CASES), ...WITHOUT, ...ELSEWHERE]
    expect(codes).toEqual(expect.arrayContaining([...RefusalCode.options]))
  })

  it.each(Object.entries(CASES))('%s: it works when it is pasted', async (name, each) => {
    const [code = ''] = name.split(',')
    const place = ['--ledger', name.replaceAll(/[^a-z]/g, '-')]
    await using ledger = await openLedger(url, { ledger: place[1] })
    await each.prepare(ledger)
    const line = [...each.refused, ...place, '--json']
    const refused = await typed.run(line)
    const told = Answer.parse(refused.answer)
    expect([told.code ?? told.outcome, refused.exitCode]).toEqual([code, refused.exitCode === 4 ? 4 : 3])
    const command = told.next.find(step => step.action === each.action && step.command !== undefined)?.command ?? ''
    expect(command, JSON.stringify(told.next)).toContain('holdfast')
    const [done] = await Promise.all([pasted(command), each.meanwhile?.(ledger)])
    expect({ command, exitCode: done }).toEqual({ command, exitCode: 0 })
    if (each.isOver !== true) expect(await typed.run(line)).toMatchObject({ exitCode: 0 })
  })

  /** A line with a pipe takes a real shell. */
  async function pasted(command: string): Promise<number | null> {
    if (command.includes(' | ')) return (await holdfast.bash(command)).exitCode
    const [, ...words] = command.match(/(?:'[^']*'|[^\s'])+/gu) ?? []
    return (await typed.run(words.map(word => word.replaceAll("'", '')))).exitCode
  }
})
