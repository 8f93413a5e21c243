// A strict reader of Prometheus' text format: whatever a scraper could stumble over is an error here.

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly type: string
  readonly help: string
  readonly samples: readonly Sample[]
}

const NAME = '[a-zA-Z_][a-zA-Z0-9_]*'
const COMMENT = new RegExp(`^# (HELP|TYPE|UNIT) (${NAME}) (.*)$`)
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`)
const LABEL = new RegExp(`^(${NAME})="((?:[^"\\\\\\n]|\\\\[\\\\"n])*)"(?:,|$)`)
const TYPES = ['counter', 'gauge', 'histogram']

/** Every family by its name. Throws for the first line that is wrong, and for what does not fit together. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end')
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>()
  const seen = new Set<string>()
  let current = ''
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${line}`)
    }
    if (line === '') continue
    const [, word, name = '', rest = ''] = COMMENT.exec(line) ?? []
    if (word === 'HELP') {
      if (families.has(name)) fail('the family comes twice')
      families.set(name, { type: '', help: rest, samples: [] })
      current = name
    } else if (word !== undefined) {
      const family = families.get(name)
      if (family === undefined || name !== current) return fail('it stands outside of its family')
      if (word === 'TYPE') family.type = TYPES.includes(rest) ? rest : fail('no such type')
    } else {
      const sample = readSample(line) ?? fail('it is no sample')
      const family = families.get(current)
      if (family === undefined || !belongs(sample.name, current, family.type)) return fail('it is in no family')
      const key = sample.name + keyOf(sample.labels)
      if (seen.has(key)) fail('the series comes twice')
      seen.add(key)
      family.samples.push(sample)
    }
  }
  for (const [name, family] of families) checkFamily(name, family)
  return families
}

/** The same for the same labels, whatever their order. */
function keyOf(labels: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(labels)
    .map(pair => JSON.stringify(pair))
    .sort()
    .join()
}

function readSample(line: string): Sample | null {
  const [, name, labelText = '', number = ''] = SAMPLE.exec(line) ?? []
  const value = number === '+Inf' ? Infinity : Number(number)
  if (name === undefined || Number.isNaN(value)) return null
  const labels: Record<string, string> = {}
  let rest = labelText
  while (rest !== '') {
    const [whole, label = '', text = ''] = LABEL.exec(rest) ?? []
    if (whole === undefined || label in labels) return null
    labels[label] = text.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    rest = rest.slice(whole.length)
  }
  return { name, labels, value }
}

function belongs(sample: string, family: string, type: string): boolean {
  if (type !== 'histogram') return sample === family
  return ['_bucket', '_sum', '_count'].some(end => sample === `${family}${end}`)
}

function checkFamily(name: string, { type, help, samples }: Family): void {
  if (type === '' || help === '') throw new Error(`${name} has no type or no help`)
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is no name for a ${type}`)
  if (type !== 'gauge' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is below 0`)
  if (type !== 'histogram') return
  for (const { labels, value } of samples.filter(sample => sample.name === `${name}_count`)) {
    const key = keyOf(labels)
    const buckets = samples.filter(({ name: sample, labels: { le, ...others } }) => {
      return le !== undefined && sample === `${name}_bucket` && keyOf(others) === key
    })
    const counts = buckets.map(bucket => bucket.value)
    const rises = counts.every((count, index) => count >= (counts[index - 1] ?? 0))
    if (!rises || buckets.at(-1)?.labels['le'] !== '+Inf' || counts.at(-1) !== value) {
      throw new Error(`the buckets of ${name} do not add up`)
    }
  }
}
