import * as fc from 'fast-check'

/** What stands where something else should: near to valid, no JSON at all, or hostile. */
const ODD: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => '',
  () => ' a',
  () => 'a\tb',
  () => '\uD800',
  () => 'x'.repeat(65),
  () => 'x'.repeat(257),
  () => 'x'.repeat(4097),
  () => '\u{1F600}'.repeat(200),
  () => '\u{1F600}',
  () => 'a'.repeat(64),
  () => '00000000-0000-4000-8000-00000000cafe',
  () => 0,
  () => -0,
  () => -1,
  () => 1,
  () => 1.5,
  () => 2 ** 53,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => '1',
  () => true,
  () => [],
  () => [null],
  () => [['x', 1]],
  () => ({}),
  () => ({ lane: 'x' }),
  () => ({ nested: { deep: [1, { deeper: null }] } }),
  (): unknown => JSON.parse('{"__proto__": {"polluted": true}, "lane": "x"}'),
  (): unknown => Object.assign(Object.create(null), { lane: 'x' }),
  (): unknown => Object.create({ lane: 'x' }),
  () => ({ [Symbol('hidden')]: 1 }),
  () => new Date(0),
  () => new Map([['lane', 'x']]),
  () => 10n,
  () => Array.from({ length: 300 }, () => 'a'),
  () => Array.from({ length: 3 }),
]

type Change = readonly [place: number, kind: 'replace' | 'remove' | 'add' | 'proto', odd: number]

const change: fc.Arbitrary<Change> = fc.tuple(
  fc.nat(),
  fc.constantFrom('replace', 'remove', 'add', 'proto'),
  fc.nat({ max: ODD.length - 1 }),
)

/** The values of `base`, most of them with one to three places changed. */
export function altered(base: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.tuple(base, fc.array(change, { maxLength: 3 })).map(([value, changes]) => {
    const root = { value: structuredClone(value) }
    for (const each of changes) apply(root, each)
    return root.value
  })
}

interface Place {
  readonly container: object
  readonly key: string
}

function apply(root: object, [at, kind, odd]: Change): void {
  const places = placesIn(root)
  const place = places[at % places.length]
  if (place === undefined) return
  const { container, key } = place
  const value = ODD[odd]?.()
  switch (kind) {
    case 'replace':
      Reflect.set(container, key, value)
      return
    case 'remove':
      if (container !== root) Reflect.deleteProperty(container, key)
      return
    case 'add':
      if (container !== root) Reflect.set(container, 'unheard', value)
      return
    case 'proto':
      if (container === root) return
      Object.defineProperty(container, '__proto__', { value, enumerable: true, configurable: true, writable: true })
  }
}

function placesIn(container: object): Place[] {
  return Object.keys(container).flatMap(key => {
    const inner: unknown = Reflect.getOwnPropertyDescriptor(container, key)?.value
    const here = { container, key }
    return typeof inner === 'object' && inner !== null ? [here, ...placesIn(inner)] : [here]
  })
}
