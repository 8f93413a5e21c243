import { isBuiltin } from 'node:module'
import { basename, join, relative, sep } from 'node:path'
import { rolldown, type OutputChunk, type Plugin } from 'rolldown'
import { parseAst } from 'rolldown/parseAst'
import { isPrintable, isTrimmed } from '../../packages/core/src/name-text.ts'
import { parserSource, type Predicate } from './parser-source.ts'

const root = join(import.meta.dirname, '..', '..')
const packages = join(root, 'packages')
/** What made parsers need at run time. */
export const RUNTIME = join(packages, 'core', 'src', 'fast-shape.ts')

const nameText = join(packages, 'core', 'src', 'name-text.ts')

/** The functions that our schemas refine by. */
export const PREDICATES: ReadonlyMap<unknown, Predicate> = new Map<unknown, Predicate>([
  [isPrintable, { from: nameText, name: 'isPrintable' }],
  [isTrimmed, { from: nameText, name: 'isTrimmed' }],
])

/** Must not be needed to start a quick command. */
const TOO_SLOW = /[\\/]node_modules[\\/](zod|rxjs|uuid|@opentelemetry)[\\/]/

/** What the quick bundle takes from the whole one when it is asked for: each file by the name that it has there. */
export type FromWhole = Map<string, string>

/**
 * Writes the quick commands as one file that builds no schemas:
 *
 * - files named `*-shapes.ts` are replaced by parsers made from the schemas that they export;
 * - what a module builds at its top level is dropped where nobody uses it (our modules have no side effects);
 * - what is imported dynamically stays outside, but for the files `inside`.
 *
 * Answers which files are to be entries of the whole bundle, for it holds what this one leaves out.
 */
export async function bundleQuick(
  input: string,
  file: string,
  plugins: readonly Plugin[],
  inside: readonly string[] = [],
): Promise<FromWhole> {
  const fromWhole = new Map<string, string>()
  const built = await rolldown({
    input,
    platform: 'node',
    plugins: [...plugins, onDemand(fromWhole, inside), madeParsers(fromWhole), pureTopLevel()],
  })
  const { output } = await built.write({
    file,
    format: 'cjs',
    minify: true,
    codeSplitting: false,
    dynamicImportInCjs: false,
  })
  await built.close()
  for (const chunk of output) if (chunk.type === 'chunk') refuseSlowParts(chunk)
  return fromWhole
}

/** Leaves dynamically imported files to the whole bundle. */
function onDemand(fromWhole: Map<string, string>, inside: readonly string[]): Plugin {
  return {
    name: 'on-demand',
    async resolveId(id, importer, { kind }) {
      if (kind !== 'dynamic-import' || isBuiltin(id)) return null
      const resolved = await this.resolve(id, importer, { kind, skipSelf: true })
      if (resolved === null) throw new Error(`${id} resolves to nothing`)
      return inside.includes(resolved.id) ? resolved : { id: nameInWhole(fromWhole, resolved.id), external: true }
    },
  }
}

/** Puts made parsers in the place of schemas, which are required from the whole bundle when they have to judge. */
function madeParsers(fromWhole: Map<string, string>): Plugin {
  return {
    name: 'made-parsers',
    resolveId: id => ([...fromWhole.values()].includes(id) ? { id, external: true } : null),
    async load(id) {
      if (!id.endsWith('-shapes.ts')) return null
      const exports: unknown = await import(id)
      const schemas = nameInWhole(fromWhole, id)
      return { code: parserSource(exports, { predicates: PREDICATES, runtime: RUNTIME, schemas }), moduleType: 'js' }
    },
  }
}

function nameInWhole(fromWhole: Map<string, string>, file: string): string {
  const path = relative(packages, file)
    .split(sep)
    .filter(part => part !== 'src')
  const name = `./${path.join('-').replace(/\.ts$/, '.cjs')}`
  fromWhole.set(file, name)
  return name
}

/**
 * Lets go what a module builds at its top level for others, schemas above all, where nobody in this bundle uses it.
 * Bundlers keep calls, which might do something; ours only build.
 */
function pureTopLevel(): Plugin {
  return {
    name: 'pure-top-level',
    transform(code, id) {
      if (!id.startsWith(packages) || !id.endsWith('.ts')) return null
      let pure = code
      for (const { start, end } of builtAtTopLevel(code, id).reverse()) {
        pure = `${pure.slice(0, start)}/* @__PURE__ */ (() => (${pure.slice(start, end)}))()${pure.slice(end)}`
      }
      return { code: pure }
    },
  }
}

interface Span {
  readonly start: number
  readonly end: number
}

function builtAtTopLevel(code: string, id: string): Span[] {
  const { body } = parseAst(code, { lang: 'ts' }, id)
  return body.flatMap(statement => {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (declaration?.type !== 'VariableDeclaration') return []
    return declaration.declarations.flatMap(({ init }) => (init === null ? [] : [{ start: init.start, end: init.end }]))
  })
}

function refuseSlowParts({ fileName, modules }: OutputChunk): void {
  const slow = Object.entries(modules).filter(([id, { code }]) => TOO_SLOW.test(id) && code !== null && code !== '')
  if (slow.length === 0) return
  const named = slow.map(([id]) => basename(id)).slice(0, 3)
  throw new Error(
    `${fileName} would load ${slow.length} modules such as ${named.join(', ')}: keep schemas in *-shapes.ts`,
  )
}
