import { CommandId, EventId } from '@holdfast/core'
import { expect, it } from 'vitest'
import { eventIdOf } from './event-id.ts'

// Made by `uuid.uuid5` of Python.
it.each([
  ['0b7a3c1e-5d2f-4a6b-8c9d-1e2f3a4b5c6d', 0, 'dbbbfd34-eb5a-5de2-872d-5991cb6811fc'],
  ['0b7a3c1e-5d2f-4a6b-8c9d-1e2f3a4b5c6d', 12, 'f04d49d8-a5ef-54c6-843a-bfe5c2981653'],
  ['ffffffff-ffff-ffff-ffff-ffffffffffff', 1, 'aa32f9e6-9620-5c5f-9d78-48acdf8acc23'],
  ['0B7A3C1E-5D2F-4A6B-8C9D-1E2F3A4B5C6D', 499, 'aec57c71-d38f-5275-abec-4ae5a63a1eba'],
])('event %#: the id of command %s, event %i, is the UUIDv5 that others compute', (commandId, index, eventId) => {
  expect(eventIdOf(CommandId.parse(commandId), index)).toBe(eventId)
})

it('is an event id that readers take', () => {
  for (let index = 0; index < 64; index += 1) {
    const eventId = eventIdOf(CommandId.parse(crypto.randomUUID()), index)
    expect(EventId.safeParse(eventId).success).toBe(true)
  }
})
