import { expect, it } from 'vitest'
import { CODE_MS, PageSessions, SESSION_MS } from '../../packages/server/src/tokens/page-sessions.ts'

it('a code opens the page once, and within its time', () => {
  const sessions = new PageSessions()
  const [first, second, third] = [sessions.newCode(0), sessions.newCode(0), sessions.newCode(0)]
  expect(sessions.open(first, CODE_MS - 1)).not.toBeNull()
  expect(sessions.open(first, CODE_MS - 1)).toBeNull()
  expect(sessions.open(second, CODE_MS)).toBeNull()
  // One that came too late is used up as well.
  expect(sessions.open(second, 0)).toBeNull()
  expect(sessions.open(`${third} `, 0)).toBeNull()
  expect(sessions.open('', 0)).toBeNull()
})

it('a cookie keeps the page open for its time, with the rights of its code, and is no code', () => {
  const sessions = new PageSessions()
  const cookie = sessions.open(sessions.newCode(0, ['read', 'halt']), 1) ?? ''
  expect(sessions.grantOf(cookie, SESSION_MS)).toMatchObject({ name: 'page', can: ['read', 'halt'], lanes: null })
  expect(sessions.grantOf(cookie, SESSION_MS + 1)).toBeNull()
  expect(sessions.open(cookie, 1)).toBeNull()
  const code = sessions.newCode(0)
  expect(sessions.grantOf(code, 1)).toBeNull()
})

it('remembers a bounded number: the oldest is worth nothing then', () => {
  const sessions = new PageSessions()
  const codes = Array.from({ length: 65 }, () => sessions.newCode(0))
  expect(sessions.open(codes[0] ?? '', 1)).toBeNull()
  expect(sessions.open(codes[1] ?? '', 1)).not.toBeNull()
})
