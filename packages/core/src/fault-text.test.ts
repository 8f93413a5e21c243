import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { faultSentence, faultText } from './fault-text.ts'

const Everything = z.strictObject({
  count: z.int().min(1).max(5),
  above: z.number().positive(),
  below: z.number().lt(3),
  name: z.string().min(1).max(4),
  longer: z.string().min(3),
  list: z.array(z.string()).min(1).max(2),
  flag: z.boolean(),
  word: z.enum(['one', 'two']),
  only: z.literal('this'),
  id: z.uuid(),
  named: z.record(z.string().max(2), z.int()),
  either: z.union([z.int(), z.boolean()]),
  even: z.number().multipleOf(2),
  own: z.string().refine(text => text !== 'bad', 'must not be bad'),
  gone: z.string(),
})

function textsOf(input: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const { error } = Everything.safeParse(input)
  return Object.fromEntries((error?.issues ?? []).map(issue => [issue.path.join('.'), faultText(issue)]))
}

describe('a fault of an input', () => {
  it('is told in plain words, whatever it is', () => {
    const texts = textsOf({
      count: 0,
      above: 0,
      below: 3,
      name: '',
      longer: 'a',
      list: [],
      flag: 'yes',
      word: 'three',
      only: 'that',
      id: 'x',
      named: { long: 1 },
      either: 'x',
      even: 3,
      own: 'bad',
      more: 1,
    })
    expect(texts).toEqual({
      count: 'must be at least 1',
      above: 'must be above 0',
      below: 'must be below 3',
      name: 'must not be empty',
      longer: 'must have at least 3 characters',
      list: 'must not be empty',
      flag: 'must be true or false',
      word: 'must be one of "one", "two"',
      only: 'must be "this"',
      id: 'does not have the form of a UUID',
      'named.long': 'is no name that can be used: must have at most 2 characters',
      either: 'has none of the forms that are accepted here',
      even: 'must be a multiple of 2',
      own: 'must not be bad',
      gone: 'is missing',
      '': 'has the unknown field "more"',
    })
  })

  it('tells of what is too much', () => {
    expect(textsOf({ count: 6, name: 'abcde', list: ['a', 'b', 'c'] })).toMatchObject({
      count: 'must be at most 5',
      name: 'must have at most 4 characters',
      list: 'must have at most 2 entries',
    })
    expect(textsOf({ count: 1.5, name: 7, list: 'a', named: null })).toMatchObject({
      count: 'must be a whole number',
      name: 'must be text',
      list: 'must be a list',
      named: 'must be an object',
    })
  })
})

it('a fault is a sentence with its subject, which is told once', () => {
  expect(faultSentence('ttl', 'must be at least 1')).toBe('ttl: must be at least 1')
  expect(faultSentence('lane', 'lane must not be empty')).toBe('lane must not be empty')
  expect(faultSentence('', 'has the unknown field "x"')).toBe('the input has the unknown field "x"')
  expect(faultSentence('', 'give a lane')).toBe('give a lane')
})
