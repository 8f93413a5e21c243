import { initialState, LeaseId, Token } from '@holdfast/core'
import { expect, it } from 'vitest'
import { Session } from './session.ts'

const state = initialState()
const lease = (lane: string, token: number) => ({
  lane,
  leaseId: LeaseId.parse(`${lane}@${token}`),
  token: Token.parse(token),
})

it('counts the lease of whoever started it, at its token alone, and neither renews nor releases it', () => {
  const session = new Session('x/', { lane: 'api', token: 3 })
  expect(session.owns(lease('api', 3), state)).toBe(true)
  expect(session.owns(lease('api', 4), state)).toBe(false)
  expect(session.owns(lease('web', 3), state)).toBe(false)
  expect(session.named('api@3')).toBeUndefined()
  expect(session.held(state)).toEqual([])
})

it('tells once of a lease that ended without it, and owns it no more', () => {
  const session = new Session('x/')
  session.took(lease('api', 3))
  expect(session.owns(lease('api', 3), state)).toBe(true)
  session.look(state, state.clockMs)
  expect(session.owns(lease('api', 3), state)).toBe(false)
  expect(session.news()).toEqual([expect.stringContaining('LOST api@3')])
  session.look(state, state.clockMs)
  expect(session.news()).toEqual([])
})

it('knows what it has released, until it is granted again', () => {
  const session = new Session('x/')
  const { leaseId } = lease('api', 3)
  session.took(lease('api', 3))
  session.gaveUp(leaseId)
  expect(session.hasReleased(leaseId)).toBe(true)
  session.look(state, state.clockMs)
  expect(session.news()).toEqual([])
})
