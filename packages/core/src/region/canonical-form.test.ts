import { expect, test } from 'vitest'
import { canonical, canonicalOrigin } from './canonical-form.ts'

const GLOB_SIGNS = '*?[]{}!@#+()|\\/,.-^$"'.split('')
const LAST_CODE_POINT = 0x10_ff_ff
const isSurrogate = (point: number): boolean => point >= 0xd8_00 && point <= 0xdf_ff

test('no character turns into a sign of the glob language, and no sign combines with what follows it', () => {
  const wrong: number[] = []
  for (let point = 0; point <= LAST_CODE_POINT; point += 1) {
    const character = String.fromCodePoint(point)
    const form = canonical(character)
    if (form === character && point < 0x80) continue
    if (GLOB_SIGNS.some(sign => form.includes(sign) && form !== character)) wrong.push(point)
    if (/\p{M}/u.test(character) && canonical(GLOB_SIGNS.join(character)) !== GLOB_SIGNS.join(form)) wrong.push(point)
  }
  expect(wrong).toEqual([])
})

test('text below U+0300 is in normal form already, and all other text gets it', () => {
  for (let point = 0; point <= LAST_CODE_POINT; point += 1) {
    if (isSurrogate(point)) continue
    const character = String.fromCodePoint(point)
    const form = character.normalize('NFC')
    if (canonical(character) !== form) throw new Error(`U+${point.toString(16)}`)
    if (point < 0x03_00 && form !== character) throw new Error(`U+${point.toString(16)} changes`)
  }
})

test('a position in the normal form leads back to the character that it came from', () => {
  const given = 'e\u0301/x\u0302y/{'
  const form = canonical(given)
  expect(form.split('').map((_, at) => given.charAt(canonicalOrigin(given, at)))).toEqual([
    'e',
    '/',
    'x',
    'x',
    'y',
    '/',
    '{',
  ])
  expect(canonicalOrigin(given, form.length)).toBe(given.length)
})
