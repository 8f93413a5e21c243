import { describe, expect, it, test } from 'vitest'
import { parseTraceparent, tracedActor, traceparentOf } from './traceparent.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const VALID = `00-${TRACE}-${PARENT}-01`

describe('a traceparent', () => {
  it.each([VALID, `00-${TRACE}-${PARENT}-00`, `00-${TRACE}-${PARENT}-ff`])(
    'of version 00 is taken as it is: %s',
    text => {
      expect(parseTraceparent(text)).toBe(text)
    },
  )

  it.each([
    [`cc-${TRACE}-${PARENT}-01`, '01'],
    [`cc-${TRACE}-${PARENT}-01-what-the-future-brings`, '01'],
    [`fe-${TRACE}-${PARENT}-ff-`, '03'],
  ])('of a later version is read as far as version 00 goes: %s', (text, flags) => {
    expect(parseTraceparent(text)).toBe(`00-${TRACE}-${PARENT}-${flags}`)
  })

  it.each([
    ['nothing', ''],
    ['version ff', `ff-${TRACE}-${PARENT}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capital letters', VALID.toUpperCase()],
    ['more than version 00 has', `${VALID}-more`],
    ['a later version with more that is not set apart', `cc-${TRACE}-${PARENT}-01.more`],
    ['a trace id that is too short', `00-${TRACE.slice(1)}-${PARENT}-01`],
    ['a span id that is too long', `00-${TRACE}-${PARENT}a-01`],
    ['no flags', `00-${TRACE}-${PARENT}`],
    ['one digit of flags', `00-${TRACE}-${PARENT}-1`],
    ['letters that are no digits', `00-${TRACE.replace('a', 'g')}-${PARENT}-01`],
    ['white space around', ` ${VALID} `],
    ['two in one header', `${VALID}, ${VALID}`],
    ['a line end', `${VALID}\n`],
    ['a novel', `cc-${TRACE}-${PARENT}-01-${'x'.repeat(1000)}`],
  ])('is refused with %s', (_, text) => {
    expect(parseTraceparent(text)).toBeNull()
  })
})

test('what an actor calls a trace counts only if it is one', () => {
  const actor = { host: 'h', bootId: null, pidNamespace: null, pid: 1, processStart: null }
  expect(traceparentOf(tracedActor(actor, VALID))).toBe(VALID)
  expect(traceparentOf(actor)).toBeNull()
  expect(traceparentOf(null)).toBeNull()
  expect(traceparentOf({ ...actor, traceparent: 'nonsense' })).toBeNull()
  expect(traceparentOf({ ...actor, traceparent: 7 })).toBeNull()
  expect(tracedActor(null, VALID)).toBeNull()
})
