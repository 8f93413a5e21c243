import { parse, TomlError } from 'smol-toml'
import { InputError } from '../input-error.ts'

const BEGIN = '# >>> holdfast >>>'
const END = '# <<< holdfast <<<'
const BLOCK = /(?:\r?\n)?# >>> holdfast >>>\r?\n[^]*?# <<< holdfast <<<\r?\n?/

/**
 * Puts a table at the end of a TOML text, between two marks. There it can only be taken for what it is, so nothing that stands
 * before it has to be printed anew. `null` stands for no file.
 *
 * @throws InputError with the line for a text that is no TOML, and where such a table is there already, or cannot be.
 */
export function withTable(text: string | null, table: string): string {
  const before = text ?? ''
  demandToml(before)
  const eol = before.includes('\r\n') ? '\r\n' : '\n'
  const block = [BEGIN, ...table.trimEnd().split('\n'), END, ''].join(eol)
  const end = before === '' || before.endsWith('\n') ? '' : eol
  const after = before + end + (before === '' ? '' : eol) + block
  demandToml(after)
  return after
}

/** Takes the table out; `null`: nothing else is in the file. */
export function withoutTable(text: string): string | null {
  const rest = text.replace(BLOCK, '')
  return rest === '' && text !== '' ? null : rest
}

/** What stands between the marks; `null`: nothing does. */
export function tableIn(text: string): string | null {
  const lines = BLOCK.exec(text)?.[0].trim().split(/\r?\n/)
  return lines === undefined ? null : `${lines.slice(1, -1).join('\n')}\n`
}

/** Whether a table of this name stands there, whoever wrote it. */
export function hasTable(text: string, names: readonly string[]): boolean {
  let found: unknown = demandToml(text)
  for (const name of names) {
    if (typeof found !== 'object' || found === null) return false
    found = new Map(Object.entries(found)).get(name)
  }
  return found !== undefined
}

function demandToml(text: string): unknown {
  try {
    return parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [why = ''] = error.message.split('\n')
    const message = `it holds no TOML: line ${error.line}, column ${error.column} (${why}); mend it first`
    throw new InputError([{ path: '', message }], { cause: error })
  }
}
