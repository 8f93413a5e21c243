import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleCommandLine } from '../scripts/build.ts'
import type { Benchmark } from './benchmark.ts'

const LEASES = 5
const command = join(import.meta.dirname, '..', 'packages', 'cli', 'bin', 'holdfast.js')
const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
const call = JSON.stringify({ tool_name: 'Write', tool_input: { file_path: 'src/0/x.ts' }, cwd: folder })
const shellCall = JSON.stringify({
  tool_name: 'Bash',
  tool_input: { command: 'cd src/0 && sed -i s/a/b/ x.ts && echo done > y.ts' },
  cwd: folder,
})

const node = (args: readonly string[], input = '') =>
  execFileSync(process.execPath, args, { cwd: folder, input, stdio: ['pipe', 'pipe', 'ignore'] })
const holdfast = (start: string, args: readonly string[], input = '') =>
  node([start, ...args, '--store', 'sqlite:ledger.db', '--create', '--holder', 'bench'], input)
const PATH = ['guard', 'check', 'src/0/x.ts']
const HOOK = ['guard', 'check', '--hook', 'claude-code']
let published = ''
let calls = 0

/** A document of a session of an agent. */
const session = (event: string, tool: string, input: object) =>
  JSON.stringify({ session_id: 'bench', hook_event_name: event, tool_name: tool, tool_input: input, cwd: folder })
/** Each time another file, so that each call claims. */
const claims = () => session('PreToolUse', 'Write', { file_path: `claimed/${(calls += 1)}/x.ts` })
/** What an agent's hooks say around one shell command. */
const aroundShell = ['PreToolUse', 'PostToolUse'].map(event => session(event, 'Bash', { command: 'node rewrite.js' }))
/** Each time another long run, so that each call beats all leases of the session. */
const beats = () => session('PreToolUse', 'Bash', { command: `make ${(calls += 1)}`, timeout: 600_000 })

export const benchmark: Benchmark = {
  title: 'the write guard before an edit, on a small ledger',
  budgetMs: 16_000,
  setup: async () => {
    published = await bundleCommandLine(join(folder, 'published'))
    for (let lease = 0; lease < LEASES; lease += 1) {
      holdfast(published, ['acquire', `lane-${lease}`, '--region', `src/${lease}/**`])
    }
    writeFileSync(
      join(folder, 'holdfast.config.json'),
      JSON.stringify({ guard: { unclaimed: 'claim', claimsMax: 10_000 } }),
    )
  },
  teardown: () => rmSync(folder, { recursive: true, force: true }),
  cases: [
    { name: 'node -e 0', run: () => node(['-e', '0']) },
    { name: 'guard check PATH, as published', run: () => holdfast(published, PATH), ratioMax: 2.5 },
    { name: 'guard check --hook, as published', run: () => holdfast(published, HOOK, call), ratioMax: 2.5 },
    { name: 'guard check --hook of a shell command', run: () => holdfast(published, HOOK, shellCall), ratioMax: 2.5 },
    {
      name: 'a session’s call with nothing to beat, as published',
      run: () => holdfast(published, HOOK, session('PostToolUse', 'Read', {})),
      ratioMax: 2.5,
    },
    { name: 'a session’s call that beats, as published', run: () => holdfast(published, HOOK, beats()), ratioMax: 2.5 },
    {
      name: 'a session’s edit that claims, as published',
      run: () => holdfast(published, HOOK, claims()),
      ratioMax: 2.5,
    },
    {
      name: 'a session’s two calls around a shell command, as published',
      run: () => {
        for (const input of aroundShell) holdfast(published, HOOK, input)
      },
      ratioMax: 5,
    },
    { name: 'guard check PATH, from source', run: () => holdfast(command, PATH) },
  ],
}
