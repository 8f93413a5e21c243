import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMAND_METRICS, type Metric } from '@holdfast/engine/internal'
import { EVENT_METRICS, SERVER_METRICS, STATE_METRICS } from '@holdfast/server/internal'
import { parser } from '@prometheus-io/lezer-promql'
import { validate } from 'dockerfile-utils'
import { describe, expect, it, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { promtool } from './promtool.ts'

const root = join(import.meta.dirname, '..', '..')
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8')

const CATALOGUE: readonly Metric[] = [COMMAND_METRICS, EVENT_METRICS, STATE_METRICS, SERVER_METRICS].flatMap(part =>
  Object.values<Metric>(part),
)

/** Every series by its name in a query, with the metric that it is of. */
const SERIES = new Map(
  CATALOGUE.flatMap(metric => {
    const names =
      metric.kind === 'histogram' ? ['_bucket', '_sum', '_count'].map(end => metric.name + end) : [metric.name]
    return names.map(name => [name, metric] as const)
  }),
)

/** What Prometheus adds to everything that it scrapes. */
const OF_PROMETHEUS = ['job', 'instance']

describe('docs/metrics.md', () => {
  it('tells each metric as the code has it', () => {
    const [, table] = /^<!-- made .*-->\n([\s\S]*?)^<!-- end -->$/m.exec(textOf('docs/metrics.md')) ?? []
    const rows = CATALOGUE.map(({ name, kind, unit, labels, help }) => {
      const measured = { '': kind, s: `${kind}, seconds`, By: `${kind}, bytes` }[unit]
      return `| \`${name}\` | ${measured} | ${labels.map(label => `\`${label}\``).join(', ')} | ${help} |\n`
    })
    expect(table).toBe(['| metric | kind | labels | meaning |\n', '|---|---|---|---|\n', ...rows].join(''))
  })
})

describe('the catalogue', () => {
  it('follows the conventions of Prometheus', () => {
    for (const { name, kind, unit, labels, help } of CATALOGUE) {
      expect(name).toMatch(/^holdfast_[a-z]+(?:_[a-z]+)*$/)
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter'])
      if (unit !== '') expect(name).toMatch(unit === 's' ? /_seconds$/ : /_bytes$/)
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kib|kb|count|sum|bucket|gauge|counter)$/)
      expect(labels.filter(label => /^(lane|holder|run|reason|process|token|region|request)/.test(label))).toEqual([])
      expect(help).toMatch(/^[A-Z0-9].*\.$/)
    }
    expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length)
  })
})

/** What is wrong with a query. */
function faultsIn(query: string): readonly string[] {
  const plain = query.replaceAll(/\$__rate_interval/g, '5m')
  const faults: string[] = []
  const tree = parser.parse(plain)
  tree.iterate({
    enter: node => {
      if (node.type.isError) faults.push(`no PromQL at ${node.from}`)
      if (node.name === 'VectorSelector') faults.push(...faultsOfSelector(plain.slice(node.from, node.to)))
      if (node.name === 'FunctionCall') faults.push(...faultsOfCall(plain.slice(node.from, node.to)))
    },
  })
  const [, of] = /\b(holdfast_\w+)/.exec(plain) ?? []
  const metric = SERIES.get(of ?? '')
  for (const [, list = ''] of plain.matchAll(/\bby \(([^)]*)\)/g)) {
    const labels = list.split(',').map(label => label.trim())
    const known = [...(metric?.labels ?? []), 'le', ...OF_PROMETHEUS]
    faults.push(...labels.filter(label => !known.includes(label)).map(label => `${of} has no label ${label}`))
  }
  return faults
}

function faultsOfSelector(selector: string): readonly string[] {
  const [, name = '', matchers = ''] = /^(\w+)(?:\{(.*)\})?/.exec(selector) ?? []
  if (name === 'up') return []
  const metric = SERIES.get(name)
  if (metric === undefined) return [`there is no metric ${name}`]
  const labels = Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label)
  return labels.filter(label => !metric.labels.includes(label)).map(label => `${name} has no label ${label}`)
}

/** A rate of what may fall is nonsense, and so is the difference of what only rises. */
function faultsOfCall(call: string): readonly string[] {
  const [, name = '', of = ''] = /^(\w+)\((holdfast_\w+)/.exec(call) ?? []
  const isGauge = SERIES.get(of)?.kind === 'gauge'
  if (['rate', 'increase', 'irate'].includes(name) && isGauge) return [`${name} of the gauge ${of}`]
  return ['delta', 'deriv'].includes(name) && !isGauge ? [`${name} of the counter ${of}`] : []
}

test('a query that names what is not there is found', () => {
  expect(faultsIn('sum by (ledger) (rate(holdfast_commands_total{outcome="failed"}[5m]))')).toEqual([])
  expect(faultsIn('holdfast_leasez')).toEqual(['there is no metric holdfast_leasez'])
  expect(faultsIn('holdfast_command_duration_seconds')).not.toEqual([])
  expect(faultsIn('holdfast_leases{lane="x"}')).toEqual(['holdfast_leases has no label lane'])
  expect(faultsIn('sum by (lane) (holdfast_leases)')).toEqual(['holdfast_leases has no label lane'])
  expect(faultsIn('rate(holdfast_leases[5m])')).toEqual(['rate of the gauge holdfast_leases'])
  expect(faultsIn('sum(holdfast_leases')).not.toEqual([])
})

const Dashboard = z.object({
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), query: z.string() })) }),
  panels: z.array(
    z.object({
      id: z.int(),
      title: z.string().min(1),
      gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
      targets: z.array(z.looseObject({ expr: z.string(), legendFormat: z.string() })).min(1),
    }),
  ),
})

describe('docs/grafana-dashboard.json', () => {
  const { panels, templating } = Dashboard.parse(JSON.parse(textOf('docs/grafana-dashboard.json')))
  const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr })))

  it('asks only for metrics and labels that there are', () => {
    expect(queries.flatMap(({ title, expr }) => faultsIn(expr).map(fault => `${title}: ${fault}`))).toEqual([])
    const [, asked = ''] = /^label_values\((\w+), ledger\)$/.exec(templating.list[1]?.query ?? '') ?? []
    expect(SERIES.get(asked)?.labels).toContain('ledger')
  })

  it('shows every metric that is not only about the program', () => {
    const all = queries.map(({ expr }) => expr).join('\n')
    const missing = CATALOGUE.filter(({ name }) => !new RegExp(String.raw`\b${name}(_bucket)?\b`).test(all))
    expect(missing.map(({ name }) => name)).toEqual(['holdfast_head_revision', 'holdfast_build_info'])
  })

  it('has each panel once, beside the others', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24)
  })
})

const Rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Holdfast[A-Z]\w+$/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({ summary: z.string().min(1), description: z.string().min(1) }),
        }),
      ),
    }),
  ),
})

describe('docs/alert-rules.yaml', () => {
  const rules = Rules.parse(parse(textOf('docs/alert-rules.yaml'))).groups.flatMap(group => group.rules)

  it('asks only for metrics and labels that there are', () => {
    expect(rules.flatMap(({ alert, expr }) => faultsIn(expr).map(fault => `${alert}: ${fault}`))).toEqual([])
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  })

  it('names only commands that there are', () => {
    const texts = rules.flatMap(({ annotations }) => Object.values(annotations)).join('\n')
    const commands = Array.from(texts.matchAll(/`holdfast (\w+)/g), ([, name]) => name)
    const table = textOf('packages/cli/src/program/summaries.ts')
    expect(commands.filter(name => !table.includes(`${name}`))).toEqual([])
    expect(commands.length).toBeGreaterThan(5)
  })

  it.skipIf(promtool === null)('passes promtool check rules (skipped where promtool is not installed)', () => {
    const checked = spawnSync(promtool ?? '', ['check', 'rules', join(root, 'docs/alert-rules.yaml')], {
      encoding: 'utf8',
    })
    expect(checked).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('Dockerfile', () => {
  const text = textOf('Dockerfile')
  const faultsOf = (given: string): readonly string[] => validate(given).map(({ message }) => JSON.stringify(message))

  it('is one, and a fault in it would be found', () => {
    expect(faultsOf(text)).toEqual([])
    expect(faultsOf(text.replace('EXPOSE 7878', 'EXPOSE seven'))).not.toEqual([])
    expect(faultsOf(text.replace('USER node', 'USERS node'))).not.toEqual([])
    expect(faultsOf(text.replace('--interval=30s', '--interval=30'))).not.toEqual([])
  })

  it('ends as a user that is not root, keeps /data, and is asked for its health', () => {
    const last = text.split(/^FROM /m).at(-1) ?? ''
    expect(Array.from(last.matchAll(/^USER (.*)$/gm), ([, user]) => user)).toEqual(['node'])
    expect(last.indexOf('USER node')).toBeGreaterThan(last.lastIndexOf('RUN '))
    expect(last).toMatch(/^VOLUME \/data$/m)
    expect(last).toMatch(/^ENV HOLDFAST_STORE=sqlite:\/data\//m)
    expect(last).toMatch(/^HEALTHCHECK /m)
  })
})

const ANALYZE = '/usr/bin/systemd-analyze'

describe('docs/holdfast.service', () => {
  const text = textOf('docs/holdfast.service')

  it.skipIf(!existsSync(ANALYZE))('passes systemd-analyze verify (skipped where it is not installed)', () => {
    // It looks for the program as well, which is not where the unit expects it.
    expect(faultsOfUnit(text)).toBe('')
    const spoilt = faultsOfUnit(text.replace('Restart=on-failure', 'Restart=sometimes').replace('UMask', 'Mask'))
    expect(spoilt).toContain('Failed to parse')
    expect(spoilt).toContain('Unknown key')
  })

  it('starts a server by flags that it has', () => {
    const [, words = ''] = /^ExecStart=%h\/\.local\/bin\/holdfast (.*)$/m.exec(text) ?? []
    expect(words).toMatch(/^serve --store sqlite:%h\/\S+ --listen 127\.0\.0\.1:\d+$/)
  })
})

function faultsOfUnit(unit: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-unit-'))
  try {
    const file = join(folder, 'holdfast.service')
    writeFileSync(file, unit.replace('%h/.local/bin/holdfast', process.execPath))
    const env = { ...process.env, XDG_RUNTIME_DIR: folder }
    const { stdout, stderr } = spawnSync(ANALYZE, ['verify', '--user', file], { env, encoding: 'utf8' })
    return stdout + stderr
  } finally {
    rmSync(folder, { recursive: true })
  }
}
