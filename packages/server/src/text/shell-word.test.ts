import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { shellWord } from './shell-word.ts'

const WORDS = [
  'api',
  '',
  "it's",
  'a b',
  '$HOME `x` "y"',
  'app/[...slug]/page.tsx',
  '-x',
  'back\\slash',
  '\u202Eevil\u2066',
  "tab\tand 'quote' \\ and line\nend",
  'größe 🚀\u200B',
]

describe('a word for the shell', () => {
  it('is read by bash as it was, whatever is in it', () => {
    const script = `printf '%s\\0' ${WORDS.map(shellWord).join(' ')}`
    const read = execFileSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } })
    expect(read.split('\0').slice(0, -1)).toEqual(WORDS)
  })

  it('shows every character that it holds', () => {
    for (const word of WORDS) expect(shellWord(word)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  })
})
