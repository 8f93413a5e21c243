import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { openLeanLedger } from '@holdfast/engine/lean'
import { describe, expect, it } from 'vitest'
import { Holdfast } from '../cli/holdfast.ts'
import { appendBeats } from './many-beats.ts'

/** util-linux has it; a bare container may not. */
const SCRIPT = '/usr/bin/script'

/** Genesis and the events of two batches. */
const EVENTS = 2001

/** A ledger `default`, at revisions far above the number of its events, as after a restore. */
async function withPast(): Promise<Holdfast> {
  const holdfast = new Holdfast()
  const path = holdfast.path('.holdfast', 'ledger.db')
  await using ledger = await openLeanLedger(`sqlite:${path}`, { actor: null })
  await appendBeats(ledger, EVENTS - 1)
  await holdfast.call(['backup', 'b.db'])
  await holdfast.call(['restore', 'b.db', '--store', 'sqlite:restored.db'])
  return holdfast
}

/** What a person sees of a command, on both streams, line ends and cursor movements included. */
async function seen(holdfast: Holdfast, args: string): Promise<string> {
  const command = `env -u NO_COLOR -u CI TERM=xterm-256color "$HOLDFAST_COMMAND" ${args}`
  const { stdout } = await holdfast.bash(`${SCRIPT} --quiet --return --command '${command}' /dev/null`)
  return stdout
}

/** The states of the bar, one after the other. */
const drawn = (text: string): string[] =>
  text
    .split('\r')
    .map(stripVTControlCharacters)
    .filter(line => line.includes('%'))

describe.runIf(existsSync(SCRIPT))('the progress of long work on a terminal', () => {
  it('is a share of all events for an export, also where revisions run far ahead, and is taken away', async () => {
    const holdfast = await withPast()
    const text = await seen(holdfast, 'export e.jsonl --store sqlite:restored.db')
    expect(drawn(text)[0]).toMatch(/^exporting ░{30} 0% of 2002 events$/)
    expect(drawn(text).at(-1)).toMatch(/^exporting █{30} 100% of 2002 events$/)
    const [, afterwards] = text.split('\r\u001B[K')
    expect(stripVTControlCharacters(afterwards ?? '')).toBe('exported  2002 events to e.jsonl\r\n')
  })

  it('is one bar for the check of a file and one for its import', async () => {
    const holdfast = await withPast()
    await holdfast.call(['export', 'e.jsonl'])
    const bars = drawn(await seen(holdfast, 'import holdfast e.jsonl --store sqlite:copy.db'))
    const bytes = readFileSync(holdfast.path('e.jsonl')).length
    expect(bars).toContain(`checking ${'█'.repeat(30)} 100% of ${bytes} bytes`)
    expect(bars.at(-1)).toBe(`importing ${'█'.repeat(30)} 100% of ${EVENTS} events`)
  })

  it('is shown for the journal of another tool, step by step', async () => {
    const holdfast = new Holdfast()
    writeFileSync(holdfast.path('j.jsonl'), '{"op":"FUTURE_OP","ts":"2026-09-21T14:00:00Z"}\n'.repeat(3))
    const bars = drawn(await seen(holdfast, 'import dos-journal j.jsonl'))
    const ends = bars.filter(line => line.includes(' 100% ')).map(line => line.replace(/ █+ /, ' '))
    expect(ends).toEqual(['checking 100% of 141 bytes', 'importing 100% of 3 lines', 'counting 100% of 8 events'])
  })

  it('is a share of all events for a move, and for an archive', async () => {
    const holdfast = await withPast()
    await holdfast.call(['compact'])
    expect(drawn(await seen(holdfast, 'archive export a.jsonl')).at(-1)).toContain(` 100% of ${EVENTS} events`)
    // The CHECKPOINT of the compaction, and the one that says where it has moved to.
    expect(drawn(await seen(holdfast, 'move --to sqlite:m.db')).at(-1)).toContain(
      `copying ${'█'.repeat(30)} 100% of ${EVENTS + 2} events`,
    )
  })

  it('is a share of all events for a check of the whole history, and for an export into a pipe', async () => {
    const holdfast = await withPast()
    const verified = await seen(holdfast, 'verify')
    expect(drawn(verified)[0]).toMatch(new RegExp(`^verifying ░{30} 0% of ${EVENTS} events$`))
    expect(drawn(verified).at(-1)).toContain(` 100% of ${EVENTS} events`)
    expect(verified.split('\r\u001B[K').at(-1)).toContain('The ledger holds.')
    expect(drawn(await seen(holdfast, 'export | cat >e.jsonl')).at(-1)).toContain(` 100% of ${EVENTS} events`)
    expect(drawn(await seen(holdfast, 'verify --json'))).toEqual([])
    expect(drawn(await seen(holdfast, 'export'))).toEqual([])
  })

  it('is not shown to who asks for JSON', async () => {
    const holdfast = await withPast()
    const text = await seen(holdfast, 'export e.jsonl --json')
    expect(JSON.parse(text)).toMatchObject({ events: EVENTS })
  })
})

it('shows nothing where no terminal is', async () => {
  const holdfast = await withPast()
  for (const args of [
    ['export', 'e.jsonl'],
    ['import', 'holdfast', 'e.jsonl', '--store', 'sqlite:c.db'],
    ['move', '--to', 'sqlite:m.db'],
  ]) {
    const { exitCode, stdout, stderr } = await holdfast.call(args)
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')).toHaveLength(2)
  }
})
