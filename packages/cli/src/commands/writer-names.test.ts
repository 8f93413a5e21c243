import { expect, it } from 'vitest'
import { isWriter, namesServer, namesSocket } from './writer-names.ts'

it.each([
  [['acquire', 'x', '--store', 'esdb://h:1'], true],
  [['acquire', 'x', '--store=ESDB+discover://h:1'], true],
  [['acquire', 'x', '', 'Esdb:'], true],
  [['acquire', 'x', '--store', 'sqlite:a.db'], false],
])('%j may mean a server: %s', (texts, expected) => {
  expect(namesServer(texts)).toBe(expected)
})

it('a command that writes much, or asks, is none of the quick writers', () => {
  expect(['acquire', 'spawn', 'run', 'reap', 'leases', null].map(isWriter)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
})

it.each([
  [['acquire', 'x', '--store', 'unix:/a.sock'], true],
  [['leases', '--store=unix:a.sock'], true],
  [['leases', 'unix:/from-the-environment.sock'], true],
  [['acquire', 'x', '--reason', 'on unix: nothing'], false],
])('%j names a socket: %s', (texts, expected) => {
  expect(namesSocket(texts)).toBe(expected)
})
