import { fc } from '@fast-check/vitest'

/** Text between the parts of a document. A line comment ends with its line. */
const TRIVIA = ['', '', ' ', '\n', '\n  ', '\r\n\t', '/* c */', ' // c\n', '\n// d }],\n', '/* "e": [ */\n']

const KEYS = ['a', 'permissions', 'model', 'hooks', 'PreToolUse', 'Stop', 'mcpServers', 'a "b"', '__proto__'] as const

const { value } = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(1, -2.5e3, 'é', '// no comment', '{"]', true, null),
    fc.array(tie('value'), { maxLength: 3 }),
    members(tie('value')),
  ),
}))

/** An object with its members in their order, whatever their keys are. */
class Members {
  readonly list: readonly (readonly [string, unknown])[]

  constructor(...list: readonly (readonly [string, unknown])[]) {
    this.list = list
  }
}

function members(item: fc.Arbitrary<unknown>): fc.Arbitrary<Members> {
  const member = fc.tuple(fc.constantFrom('a', 'b', 'c "d"'), item)
  return fc.uniqueArray(member, { maxLength: 3, selector: ([key]) => key }).map(list => new Members(...list))
}

const hook = fc.constantFrom(
  new Members(['matcher', 'Bash'], ['hooks', [new Members(['type', 'command'], ['command', 'npm test'])]]),
  new Members(['hooks', []]),
)

const hooks = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom('PreToolUse', 'Stop', 'Other', 'BeforeTool'), fc.array(hook, { maxLength: 2 })),
    { maxLength: 3, selector: ([key]) => key },
  )
  .map(list => new Members(...list))

/** The members of a settings file: where setup writes there is what setup can write into. */
const settings = fc.uniqueArray(
  fc.constantFrom(...KEYS).chain(key => {
    const inside = key === 'hooks' ? hooks : key === 'mcpServers' ? members(value) : value
    return fc.tuple(fc.constant(key), inside)
  }),
  { maxLength: 5, selector: ([key]) => key },
)

function print(given: unknown, next: () => string, commas: () => boolean): string {
  if (!(given instanceof Members) && !Array.isArray(given)) return JSON.stringify(given)
  const items =
    given instanceof Members
      ? given.list.map(([key, item]) => `${JSON.stringify(key)}${next()}:${next()}${print(item, next, commas)}`)
      : given.map(item => print(item, next, commas))
  const [open, close] = given instanceof Members ? ['{', '}'] : ['[', ']']
  const last = items.length > 0 && commas() ? `,${next()}` : ''
  return `${open}${next()}${items.map(item => `${item}${next()}`).join(`,${next()}`)}${last}${close}`
}

/** Settings as people leave them: comments anywhere, any white space, commas behind the last item, a byte order mark. */
export const jsonc: fc.Arbitrary<string> = fc
  .record({
    settings,
    trivia: fc.array(fc.nat(TRIVIA.length - 1), { minLength: 1, maxLength: 30 }),
    bom: fc.constantFrom('', '', '\uFEFF'),
    commas: fc.boolean(),
    end: fc.constantFrom('', '\n', '\r\n// end'),
  })
  .map(({ settings: given, trivia, bom, commas, end }) => {
    let place = 0
    const next = (): string => TRIVIA[trivia[place++ % trivia.length] ?? 0] ?? ''
    return bom + print(new Members(...given), next, () => commas) + end
  })
