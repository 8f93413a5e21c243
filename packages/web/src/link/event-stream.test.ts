import { expect, test } from 'vitest'
import { EventStreamReader } from './event-stream.ts'

const STREAM = ': hello\n\nid: 3\nevent: told\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\nid: 4\n\ndata: half'

test('a stream is taken apart, wherever its pieces are cut', () => {
  for (let cut = 0; cut <= STREAM.length; cut += 1) {
    const reader = new EventStreamReader()
    expect([...reader.read(STREAM.slice(0, cut)), ...reader.read(STREAM.slice(cut))]).toEqual([
      { id: '3', event: 'told', data: '{"a":\n1}' },
      { id: '3', event: 'message', data: 'x' },
    ])
  }
})

test('an event without an end is not kept for ever', () => {
  const reader = new EventStreamReader()
  const piece = 'x'.repeat(1_000_000)
  expect(() => {
    for (let at = 0; at < 100; at += 1) reader.read(piece)
  }).toThrow('too long')
})
