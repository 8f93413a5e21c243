import { expect, test } from 'vitest'
import { tokenNameOf } from './token-name.ts'

test('what an actor calls a token counts only if it can be the name of one', () => {
  const actor = { host: 'h', bootId: null, pidNamespace: null, pid: 1, processStart: null }
  expect(tokenNameOf({ ...actor, token: 'ci-7' })).toBe('ci-7')
  for (const token of ['', 7, null, {}, 'x'.repeat(64)]) expect(tokenNameOf({ ...actor, token })).toBeNull()
  expect(tokenNameOf(actor)).toBeNull()
  expect(tokenNameOf(null)).toBeNull()
})
