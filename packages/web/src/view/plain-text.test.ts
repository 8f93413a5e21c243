import { h } from 'preact'
import { expect, test } from 'vitest'
import { drawPlainTextOnly, plain } from './plain-text.ts'

test('what is not seen is named, what is seen stays', () => {
  expect(plain('a\u202Eb\u0000c\u200Bd\ne')).toBe('a\\u{202e}b\\u{0}c\\u{200b}d\\u{a}e')
  expect(plain('<img onerror> מסלול 課題 __proto__')).toBe('<img onerror> מסלול 課題 __proto__')
})

test('whatever is drawn is plain: text, text among elements, and what is read aloud; links stay as they are', () => {
  drawPlainTextOnly()
  const name = 'a\u202Eb'
  expect(h('b', { title: name }, name).props).toMatchObject({ title: 'a\\u{202e}b', children: 'a\\u{202e}b' })
  const { href, children } = h('a', { href: name }, 'of ', name, h('i', {})).props
  expect(href).toBe(name)
  expect(children).toMatchObject(['of ', 'a\\u{202e}b', { type: 'i' }])
})
