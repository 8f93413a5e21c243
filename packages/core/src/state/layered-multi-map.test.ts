import { describe, expect, test } from 'vitest'
import { LayeredMultiMap } from './layered-multi-map.ts'

const KEYS = ['a', 'b']
const VALUES = ['1', '2', '3']
const SCRIPTS = 300
const STEPS = 40

/** Small whole numbers in a fixed order. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    yield state >> 8
  }
}

type Plain = Map<string, Set<string>>

function pick(items: readonly string[], source: Iterator<number, never>): string {
  return items[source.next().value % items.length] ?? ''
}

function change(map: LayeredMultiMap<string, string>, plain: Plain, source: Iterator<number, never>): void {
  const [key, value] = [pick(KEYS, source), pick(VALUES, source)]
  const values = plain.get(key) ?? new Set()
  if (source.next().value % 2 === 0) {
    map.add(key, value)
    plain.set(key, values.add(value))
  } else {
    map.delete(key, value)
    values.delete(value)
  }
}

function expectSame(map: LayeredMultiMap<string, string>, plain: Plain): void {
  for (const key of KEYS) {
    const values = [...(plain.get(key) ?? [])]
    expect([...map.values(key)].sort()).toEqual(values.sort())
    expect(map.count(key)).toBe(values.length)
    for (const value of VALUES) expect(map.has(key, value)).toBe(values.includes(value))
  }
}

describe('LayeredMultiMap', () => {
  test('is a map of sets, and a branch of a branch leaves what it came from alone', () => {
    for (let script = 1; script <= SCRIPTS; script += 1) {
      const source = numbers(script)
      const layers = [{ map: new LayeredMultiMap<string, string>(), plain: new Map<string, Set<string>>() }]
      for (let step = 0; step < STEPS; step += 1) {
        const top = layers[layers.length - 1]
        if (top === undefined) throw new Error('there is a layer')
        if (step % 15 === 14) {
          const plain = new Map([...top.plain].map(([key, values]) => [key, new Set(values)]))
          layers.push({ map: top.map.fork(), plain })
        } else change(top.map, top.plain, source)
        for (const { map, plain } of layers) expectSame(map, plain)
      }
    }
  })
})
