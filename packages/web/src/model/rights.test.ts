import { expect, it } from 'vitest'
import { forbiddenBy } from './rights.ts'

it('an action is forbidden where one of its rights is lacking', () => {
  const forbidden = (can: unknown) => [...forbiddenBy({ name: 'page', can }).keys()]
  expect(forbidden(['read'])).toEqual(['halt', 'adopt', 'scavenge'])
  expect(forbidden(['read', 'halt', 'adopt'])).toEqual(['adopt', 'scavenge'])
  expect(forbidden(['halt', 'adopt', 'scavenge', 'force'])).toEqual([])
  expect(forbiddenBy({ name: 'page', can: ['adopt'] }).get('adopt')).toBe('page lacks the right force.')
  // A server that says nothing of rights refuses by itself.
  expect(forbidden(undefined)).toEqual([])
})
