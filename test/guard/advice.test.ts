import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lane, covers, parseRegion, pathFault } from '@holdfast/core'
import * as fc from 'fast-check'
import { GuardAnswer } from 'holdfast/schemas'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootedRegion } from '../../packages/cli/src/input/rooted-region.ts'
import { guardLines } from '../../packages/cli/src/print/guard-lines.ts'
import { TypedLine } from '../../packages/cli/src/program/typed-line.ts'
import { WorkTree } from './work-tree.ts'
import { COMMAND } from '../setup/command.ts'

const NAMES_AT_ONCE = 400

/** Everything that a shell, a terminal, a glob or a command line could take for something else. */
const PIECES = [
  ...'ab *?[]{}!#$&;|<>()^~%+=@,:"`\''.split(''),
  '\\',
  '\\n',
  '\n',
  '\r',
  '\t',
  '\u001b[31m',
  '\u202e',
  '\u2028',
  '\u00a0',
  'é',
  'e\u0301',
  '😀',
  '$(x)',
  '%s',
  '-',
  '--',
  '...',
  '[...slug]',
]
const someName = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 })
  .map(parts => parts.join(''))
  .filter(name => name !== '.' && name !== '..')
const somePath = fc.array(someName, { minLength: 1, maxLength: 3 }).map(names => names.join('/'))

const TYPING = { typed: new TypedLine([], () => ({ ledger: 'default' })), store: 'sqlite:/own' }

const HOLDER = `o'hara $HOME`

/** What the guard tells somebody who stands in `folder`, and may not write `path` below `root`. */
const adviceOn = (path: string, { root, folder }: { readonly root: string; readonly folder: string }): string => {
  const place = { given: path, path, verdict: 'refused', basis: 'held-by-other', permitted: 'no', witness: path }
  const lease = { leaseId: 'api@1', token: 1, lane: 'api', holder: 'other', expiresAt: '2026-05-01T14:03:00.000Z' }
  const ledger = { ledger: 'default', ledgerId: '00000000-0000-4000-8000-000000000000', head: 1 }
  const answer = GuardAnswer.parse({
    ...ledger,
    guard: 'on',
    permitted: false,
    holder: HOLDER,
    root,
    paths: [{ ...place, ...lease }],
  })
  if (answer.guard !== 'on') throw new Error('the guard is on')
  const told = guardLines(answer, { nowMs: 0, folder, ...TYPING }).remarks.at(-1) ?? ''
  return told.slice(told.indexOf('holdfast acquire'))
}

/** What a real shell makes of these lines: the words that the command gets, for each of them. */
function wordsOf(lines: readonly string[], folder: string): readonly (readonly string[])[] {
  const script = `holdfast() { printf '%s\\0' "$@" ''; }\n${lines.join('\n')}\n`
  const printed = execFileSync('sh', [], { cwd: folder, encoding: 'utf8', input: script, maxBuffer: 1 << 26 })
  return printed
    .split('\0\0')
    .slice(0, -1)
    .map(call => call.split('\0'))
}

/** The values of a flag, given apart from it or behind `=`. */
const valuesOf = (name: string, words: readonly string[]): string[] =>
  words.flatMap((word, at) =>
    word === `--${name}` ? [words[at + 1] ?? ''] : word.startsWith(`--${name}=`) ? [word.slice(name.length + 3)] : [],
  )

let root = ''
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-advice-')))
  mkdirSync(join(root, 'sub/[x] y'), { recursive: true })
  // Marks the top of a work tree.
  mkdirSync(join(root, '.git'))
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('what the guard advises', () => {
  test.each(['.', 'sub/[x] y'])('covers the file, pasted into a shell in %s', from => {
    const folder = join(root, from)
    const paths = fc.sample(somePath, { numRuns: NAMES_AT_ONCE, seed: fc.sample(fc.integer(), 1)[0] ?? 0 })
    const lines = paths.map(path => adviceOn(path, { root, folder }))
    expect(lines.filter(line => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(line))).toEqual([])
    const calls = wordsOf(lines, folder)
    expect(calls).toHaveLength(paths.length)
    for (const [at, words] of calls.entries()) {
      const path = paths[at] ?? ''
      expect([words[0], valuesOf('holder', words)]).toEqual(['acquire', [HOLDER]])
      expect(Lane.safeParse(words[1]).success, words[1]).toBe(true)
      const typed = { region: valuesOf('region', words), paths: valuesOf('path', words) }
      const parsed = parseRegion(rootedRegion(typed, { root, folder }).region ?? [], { caseSensitive: true })
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
      expect(covers(parsed.region, path), lines[at]).toBe(true)
      if (pathFault(path) === null) expect(covers(parsed.region, `${path}x`)).toBe(false)
    }
  })

  test('run by the real command line, closes the file to others', async () => {
    await using tree = new WorkTree()
    const names = ['app/[...slug]/it\'s "$HOME".tsx', "-a\nb's\u202e/$(touch x)\n", String.raw`odd/a\b*`, ' ']
    const token = await tree.lease('all', 'other', '**')
    const folder = tree.path('src')
    for (const name of ['src/x', ...names]) tree.write(name, '')
    const advice = await Promise.all(
      names.map(async name => {
        const told = await tree.holdfast(['guard', 'check', '--holder', HOLDER, tree.path(name)], { cwd: folder })
        return /holdfast acquire .*/.exec(told.stderr)?.[0] ?? ''
      }),
    )
    await tree.holdfast(['release', 'all', '--holder', 'other', '--token', `${token}`])
    const run = `holdfast() { '${process.execPath}' '${COMMAND}' "$@"; }`
    for (const command of advice) {
      const script = `${run}\n${command}\n`
      expect(await tree.run('sh', ['-c', script], { cwd: folder })).toMatchObject({ exitCode: 0 })
    }
    const paths = names.map(name => tree.path(name))
    const own = await tree.ask(['guard', 'check', '--holder', HOLDER, ...paths])
    expect(own.answer).toMatchObject({ permitted: true, paths: names.map(() => ({ verdict: 'allowed' })) })
  })
})

test('what the guard advises where another ledger refuses is to ask that one, from its own root', () => {
  const ledgerId = '00000000-0000-4000-8000-000000000000'
  const ledger = { store: 'sqlite:/r/in/.git/holdfast/ledger.db', ledgerId, root: '/r/in dir' }
  const place = { given: 'in dir/src/x', path: 'src/x', verdict: 'refused', basis: 'held-by-other', permitted: 'no' }
  const lease = { leaseId: 'api@1', token: 1, lane: 'api', holder: 'other', expiresAt: '2026-05-01T14:03:00.000Z' }
  const about = { ledgerId, head: 1, guard: 'on', permitted: false, holder: 'B', root: '/r' }
  const answer = GuardAnswer.parse({ ...about, paths: [{ ...place, witness: 'src/x', ...lease, ledger }] })
  if (answer.guard !== 'on') throw new Error('the guard is on')
  const told = guardLines(answer, { nowMs: 0, folder: '/r', ...TYPING }).remarks.at(-1)
  expect(told).toContain("cd '/r/in dir' && holdfast acquire src/x --holder B --path src/x --wait 10m")
})
