import type * as z from 'zod'

/** What the validator says by itself. Any other message was written for the field that it stands at. */
const RAW = /^(?:Too (?:small|big)|Invalid |Unrecognized key)/

/** What a value has to be, in plain words, by the validator's name of its type. */
const WANTED: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  nan: 'a number',
}

/** One fault of an input as a part of a sentence, such as `must be at least 1`; its field is told beside it. */
export function faultText(issue: z.core.$ZodIssue): string {
  if (!RAW.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      if (issue.message.endsWith('received undefined')) return 'is missing'
      return `must be ${Object.hasOwn(WANTED, issue.expected) ? WANTED[issue.expected] : `of type ${issue.expected}`}`
    case 'too_small':
      return least(issue)
    case 'too_big':
      return most(issue)
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(value => JSON.stringify(value)).join(', ')}`
    case 'unrecognized_keys':
      return `has the unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${issue.keys.map(key => JSON.stringify(key)).join(', ')}`
    case 'invalid_format':
      return `does not have the form of ${FORMS.has(issue.format) ? FORMS.get(issue.format) : `a valid ${issue.format}`}`
    case 'invalid_key':
      return `is no name that can be used: ${issue.issues.slice(0, 1).map(faultText).join('')}`
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_union':
    case 'invalid_element':
    case 'custom':
      return 'has none of the forms that are accepted here'
  }
}

/** A fault with its field, as a sentence without its full stop. A field that the message begins with is told once. */
export function faultSentence(field: string, message: string): string {
  if (field === '') return /^(?:has|must|is|does) /.test(message) ? `the input ${message}` : message
  return message.startsWith(`${field} `) ? message : `${field}: ${message}`
}

const FORMS: ReadonlyMap<string, string> = new Map([
  ['regex', 'what belongs here'],
  ['uuid', 'a UUID'],
  ['datetime', 'a time in ISO 8601'],
])

function least({ origin, minimum, inclusive }: z.core.$ZodIssueTooSmall): string {
  if (origin === 'string' || origin === 'array') {
    if (minimum === 1) return 'must not be empty'
    return `must have at least ${minimum} ${origin === 'string' ? 'characters' : 'entries'}`
  }
  return inclusive === false ? `must be above ${minimum}` : `must be at least ${minimum}`
}

function most({ origin, maximum, inclusive }: z.core.$ZodIssueTooBig): string {
  if (origin === 'string' || origin === 'array') {
    return `must have at most ${maximum} ${origin === 'string' ? 'characters' : 'entries'}`
  }
  return inclusive === false ? `must be below ${maximum}` : `must be at most ${maximum}`
}
