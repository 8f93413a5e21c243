import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CommandName } from '../../packages/cli/src/program/summaries.ts'
import { openLedger } from '@holdfast/engine'
import { moveLedger } from '@holdfast/engine/maintenance'
import { openStore } from '@holdfast/store'
import { FailureAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { Holdfast } from './holdfast.ts'

type Lines = readonly (readonly string[])[]

/** What each command says of a ledger that has moved. `null`: it asks no ledger, makes one, or starts another command. */
const LINES: Readonly<Record<CommandName, { readonly refused?: Lines; readonly handsOver?: Lines } | null>> = {
  init: { refused: [['init']] },
  config: { refused: [['show'], ['set', 'settings.json']].map(words => ['config', ...words]) },
  acquire: { refused: [['acquire', 'web', '--holder', 'b']] },
  claim: { refused: [['claim', 'src/x.ts', '--holder', 'b']] },
  heartbeat: { refused: [['heartbeat', 'api', '--holder', 'a', '--token', '1']] },
  release: { refused: [['release', 'api', '--holder', 'a', '--token', '1']] },
  check: { refused: [['check', 'api', '--token', '1']] },
  adopt: { refused: [['adopt', 'api', '--holder', 'b', '--expect-token', '1']] },
  scavenge: { refused: [['scavenge', 'api', '--token', '1']] },
  halt: { refused: [['halt', 'op', '--lane', 'api']] },
  spawn: { refused: [['spawn', 'api', '--holder', 'b']] },
  run: null,
  // What it is told it hands on: `init` and `guard` are asked.
  setup: null,
  guard: { refused: [['guard', 'check', 'src/x.ts']] },
  reap: { refused: [['reap', '--once', '--dry-run']] },
  beat: null,
  presence: null,
  leases: {
    refused: [['leases'], ['leases', '--at', 'r1']],
  },
  liveness: { refused: [['liveness']] },
  // It has no JSON, and a test of its own.
  top: null,
  why: {
    refused: [
      ['why', 'api'],
      ['why', 'r1'],
    ],
  },
  contention: { refused: [['contention']] },
  gaps: { refused: [['gaps']] },
  runs: { refused: [['runs']] },
  history: { refused: [['history', 'api']] },
  diff: { refused: [['diff', 'r0', 'r1']] },
  wait: { refused: [['wait', 'api', '--timeout', '1ms']] },
  log: {
    handsOver: [
      ['log', '-n', '1'],
      ['log', '--follow'],
    ],
  },
  status: { refused: [['status']] },
  serve: { refused: [['serve']] },
  // It is told by its tools (test/mcp).
  mcp: null,
  skill: null,
  token: { refused: [['token', 'list']] },
  notify: null,
  verify: { handsOver: [['verify']] },
  doctor: { refused: [['doctor']] },
  compact: { refused: [['compact']] },
  archive: {
    refused: [['archive', 'drop', '--before', '2026-01-01']],
    handsOver: [['archive'], ['archive', 'export', 'archive.jsonl']],
  },
  backup: { handsOver: [['backup', 'copy.db']] },
  restore: null,
  export: { handsOver: [['export'], ['export', 'copy.jsonl']] },
  import: null,
  move: { refused: [['move', '--to', 'sqlite:third.db']] },
  repair: { refused: [['repair', '--skip', '1']] },
  overlap: null,
  judge: { refused: [['judge', 'liveness', '--over', 'r0..']] },
}

describe('a ledger that has moved', () => {
  it('says where it continues to whoever asks, and ends with 6; what hands history over does that first', async () => {
    const holdfast = new Holdfast()
    const there = `sqlite:${holdfast.path('new.db')}`
    await using ledger = await openLedger(`sqlite:${holdfast.path('.holdfast', 'ledger.db')}`)
    await ledger.acquire({ lane: 'api', holder: 'a' })
    await using target = await openStore(there)
    await moveLedger(ledger, target)
    const all = Object.values(LINES).flatMap(each => (each === null ? [] : [each]))
    const handsOver = all.flatMap(each => each.handsOver ?? [])
    const lines = [...all.flatMap(({ refused = [] }) => refused), ...handsOver]
    writeFileSync(holdfast.path('settings.json'), '{}')
    writeFileSync(holdfast.path('lines.json'), JSON.stringify(lines.map(words => [...words, '--json'])))
    const script = join(import.meta.dirname, 'run-lines.ts')
    const options = { cwd: holdfast.folder, timeout: 60_000 }
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, 'lines.json'], options)
    const [answers, errors] = [stdout, stderr].map(text => text.split(/^#\d+\n/m).slice(1))
    const told = errors?.map((text, index) => {
      const [error = '', ...rest] = text.trimEnd().split('\n')
      const { code, message } = FailureAnswer.parse(JSON.parse(error)).error
      const where = message.includes(`continues at ${there}`)
      return { line: lines[index], code, where, ended: rest, answers: answers?.[index] !== '' }
    })
    expect(told).toEqual(
      lines.map(line => {
        return { line, code: 'moved', where: true, ended: ['exit 6'], answers: handsOver.includes(line) }
      }),
    )
    const made = ['archive.jsonl', 'copy.db', 'copy.jsonl', 'third.db'].filter(name => existsSync(holdfast.path(name)))
    expect(made).toEqual(['archive.jsonl', 'copy.db', 'copy.jsonl'])
  })

  it('is noticed while a command follows it, or waits in it', async () => {
    const holdfast = new Holdfast()
    const there = `sqlite:${holdfast.path('new.db')}`
    await using ledger = await openLedger(`sqlite:${holdfast.path('.holdfast', 'ledger.db')}`)
    await ledger.acquire({ lane: 'api', holder: 'a', ttl: '10m' })
    const following = holdfast.start(['log', '--follow'])
    await following.lines(2)
    const waiting = holdfast.start(['wait', 'api'])
    await using target = await openStore(there)
    await moveLedger(ledger, target)
    for (const { ended } of [following, waiting]) {
      const { exitCode, stderr } = await ended
      expect(stderr).toContain(`continues at ${there}`)
      expect(exitCode).toBe(6)
    }
  })
})
