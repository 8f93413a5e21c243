import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { CommandName } from '../../packages/cli/src/program/summaries.ts'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { Holdfast } from './holdfast.ts'

/** Right-to-left override, isolate, zero-width joiner, line separator, a tag character beyond the first plane. */
const HOSTILE = 'a\u202Eb\u2066c\u200Dd\u2028e\u{E0041}f'

/** Everything that a terminal acts on or hides, but the line ends that we write ourselves. */
const RAW = /[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u

const HOLDER = ['--holder', HOSTILE]

/**
 * A line of each command that tells the name, in this order. `TOKEN` stands for the token of the lease. Those that tell
 * no name of a lane, holder, lease or file get it where they take any text: their usage errors tell it.
 */
const LINES: Readonly<Record<CommandName, readonly (readonly string[])[]>> = {
  init: [['init', HOSTILE]],
  config: [['config', 'set', HOSTILE]],
  acquire: [
    ['acquire', HOSTILE, ...HOLDER, '--region', `src/${HOSTILE}/**`, '--reason', HOSTILE, '--run-id', HOSTILE],
    ['acquire', HOSTILE, '--holder', `${HOSTILE}2`],
    ['acquire', `${HOSTILE}2`, '--holder', `${HOSTILE}2`, '--region', `src/${HOSTILE}/x`],
    ['acquire', `x${HOSTILE}\u0007`, ...HOLDER],
  ],
  claim: [['claim', HOSTILE, '--holder', `${HOSTILE}4`, '--reason', HOSTILE]],
  heartbeat: [['heartbeat', HOSTILE, ...HOLDER, '--token', 'TOKEN', '--activity', HOSTILE, '--expect', '1m']],
  check: [['check', HOSTILE, '--token', 'TOKEN']],
  halt: [['halt', HOSTILE, '--lane', HOSTILE, '--reason', HOSTILE]],
  spawn: [['spawn', `${HOSTILE}3`, ...HOLDER, '--reason', HOSTILE]],
  run: [['run', HOSTILE, '--holder', `${HOSTILE}2`, '--', 'true']],
  setup: [['setup', HOSTILE]],
  guard: [
    ['guard', 'check', ...HOLDER, `src/${HOSTILE}/x`],
    ['guard', 'check', '--holder', `${HOSTILE}2`, `src/${HOSTILE}/x`],
    ['guard', 'check', '--hook', HOSTILE],
  ],
  reap: [['reap', '--once', '--dry-run', '--as', HOSTILE]],
  beat: [['beat', HOSTILE, '--once', HOSTILE]],
  presence: [['presence', HOSTILE]],
  leases: [['leases'], ['leases', '--at', HOSTILE]],
  liveness: [['liveness']],
  top: [
    ['top', '--once'],
    ['top', '--every', HOSTILE],
  ],
  why: [
    ['why', HOSTILE],
    ['why', `${HOSTILE}@TOKEN`],
    ['why', 'rTOKEN'],
    ['why', 'r2'],
    ['why', `${HOSTILE}4`],
    ['why', 'REFUSED'],
  ],
  contention: [
    ['contention', '--since', 'r1'],
    ['contention', '--since', HOSTILE],
  ],
  gaps: [
    ['gaps', '--since', 'r1'],
    ['gaps', '--since', HOSTILE],
  ],
  runs: [
    ['runs', '--since', 'r1'],
    ['runs', '--since', HOSTILE],
  ],
  history: [['history', HOSTILE]],
  diff: [['diff', 'r0', 'rTOKEN']],
  wait: [['wait', HOSTILE, '--timeout', '1ms']],
  adopt: [['adopt', HOSTILE, '--holder', `${HOSTILE}2`, '--expect-token', 'TOKEN']],
  scavenge: [['scavenge', HOSTILE, '--token', 'TOKEN']],
  log: [['log'], ['log', '--lane', HOSTILE, '--type', HOSTILE]],
  status: [['status'], ['status', '--ledger', HOSTILE]],
  serve: [['serve', HOSTILE]],
  mcp: [['mcp', HOSTILE]],
  skill: [['skill', HOSTILE]],
  token: [
    ['token', 'create', '--name', HOSTILE, '--can', 'read'],
    ['token', 'revoke', HOSTILE],
  ],
  notify: [
    ['notify', 'check', HOSTILE],
    ['notify', 'test', HOSTILE],
  ],
  verify: [['verify']],
  doctor: [['doctor']],
  compact: [['compact', HOSTILE]],
  archive: [['archive', HOSTILE]],
  backup: [['backup', `${HOSTILE}.bak`]],
  restore: [['restore', HOSTILE]],
  export: [['export', `${HOSTILE}.jsonl`]],
  import: [['import', HOSTILE, HOSTILE]],
  move: [['move', '--to', `sqlite:${HOSTILE}/x/y`, HOSTILE]],
  repair: [['repair', '--skip', HOSTILE]],
  overlap: [['overlap', '--a', `${HOSTILE}/**`, '--b', `${HOSTILE}/x`]],
  judge: [['judge', HOSTILE, HOSTILE]],
  release: [['release', HOSTILE, ...HOLDER, '--token', 'TOKEN', '--reason', HOSTILE]],
}

describe('names with characters that a terminal acts on', () => {
  it('reach it as numbers in what every command answers, and JSON keeps their value', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['init'])
    const lines = Object.values(LINES).flat()
    writeFileSync(holdfast.path('lines.json'), JSON.stringify([...lines, ...lines.map(words => [...words, '--json'])]))
    const script = join(import.meta.dirname, 'run-lines.ts')
    const run = promisify(execFile)
    const { stdout, stderr } = await run(process.execPath, [script, 'lines.json'], { cwd: holdfast.folder })
    for (const text of [stdout, stderr]) {
      const answers = text.split(/^#(?=\d+$)/m).slice(1)
      expect(answers).toHaveLength(2 * lines.length)
      for (const answer of answers) expect(RAW.exec(answer)?.[0], answer).toBe(undefined)
    }
    // They are told, and not left out.
    expect((stdout + stderr).split(String.raw`\u{202e}`).length).toBeGreaterThan(60)
    const told = await holdfast.call(['leases', '--json'])
    const lanes = z.object({ leases: z.array(z.object({ lane: z.string() })) }).parse(JSON.parse(told.stdout))
    expect(lanes.leases.map(({ lane }) => lane)).toContain(HOSTILE)
  })
})
