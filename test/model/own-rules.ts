/**
 * What excludes what, written from the text of the laws alone: nothing here is core's. Regions come from a small
 * alphabet, each with the paths of a small tree that it covers, so that overlap is a look at two lists.
 */
export const REGIONS: readonly { readonly globs: readonly string[]; readonly paths: readonly string[] }[] = [
  { globs: [], paths: [] },
  { globs: ['src/**'], paths: ['src/a.ts', 'src/api/b.ts', 'src/api/c.md'] },
  { globs: ['src/api'], paths: ['src/api/b.ts', 'src/api/c.md'] },
  { globs: ['src/*.ts'], paths: ['src/a.ts'] },
  { globs: ['**/*.md'], paths: ['src/api/c.md', 'docs/d.md', 'README.md'] },
  { globs: ['docs/*.md', 'README.md'], paths: ['docs/d.md', 'README.md'] },
]

export interface OwnClaim {
  readonly lane: string
  readonly mode: 'shared' | 'exclusive'
  readonly kind: string | null
  readonly globs: readonly string[]
}

/** The part of a configuration that excludes. */
export interface OwnSettings {
  readonly exclusiveLanes: readonly string[]
  readonly budgets: ReadonlyMap<string, number>
}

export function excludes(a: OwnClaim, b: OwnClaim, { exclusiveLanes }: OwnSettings): boolean {
  if (exclusiveLanes.includes(a.lane) || exclusiveLanes.includes(b.lane)) return true
  if (a.mode === 'shared' && b.mode === 'shared') return false
  if (a.lane === b.lane) return true
  const paths = pathsOf(a)
  return pathsOf(b).some(path => paths.includes(path))
}

function pathsOf({ globs }: OwnClaim): readonly string[] {
  const known = REGIONS.find(region => region.globs.join('\n') === globs.join('\n'))
  if (known === undefined) throw new Error(`no region of the alphabet: ${globs.join()}`)
  return known.paths
}
