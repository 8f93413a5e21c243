import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { InputError } from '../input-error.ts'
import type { Contribution, SetupFile } from './contribution.ts'
import { JsoncText, undone, type TextEdit } from './jsonc-text.ts'
import { ourHooks } from './our-hooks.ts'
import { hasTable, tableIn, withoutTable, withTable } from './toml-text.ts'

/** Larger files are no settings of an agent. */
const FILE_BYTES_MAX = 16 * 1024 * 1024

/** What was written into a file, to take it out again. */
export interface WrittenFile {
  /** Of the text as it was left. */
  readonly sha256: string
  /** What leads back to the text before; `null`: the file was made. */
  readonly undo: readonly TextEdit[] | null
  /** Members that nobody had set before. */
  readonly defaults: readonly (readonly string[])[]
}

/** What would be done to one file. */
export interface FilePlan {
  readonly file: string
  /** `null`: there is no such file. */
  readonly before: string | null
  readonly after: string | null
  /** What is recorded of it from then on; `null`: nothing of ours is in it. */
  readonly written: WrittenFile | null
  readonly notes: readonly string[]
}

interface FileQuestion {
  /** What is to stand in it of ours. */
  readonly wanted: SetupFile
  /** What any agent has in it. */
  readonly all: SetupFile
  readonly known: WrittenFile | undefined
  /** Whether what is ours in it is of a setup; what is of something older comes back with `--remove`. */
  readonly isSetUp: boolean
}

/**
 * Plans what is to stand in a file: exactly these contributions of ours, and everything else as it is. None at all takes
 * ours out: byte for byte as it was before, if nobody has changed the file since.
 *
 * @throws InputError for a file that cannot be read as what it should be; it says where.
 */
export function planFile({ wanted: { file, contributions }, all, known, isSetUp }: FileQuestion): FilePlan {
  const before = textIn(file)
  try {
    // A default that was set here can be told from one of somebody else by the record alone.
    const isRecorded = known !== undefined && contributions.length === 0
    if (!isRecorded && isAsWanted(before, contributions, all)) {
      return { file, before, after: before, written: known ?? null, notes: otherDefaults(before, contributions) }
    }
    if (contributions.length === 0) {
      const base = baseOf(before, known, all)
      return { file, before, after: base.text, written: null, notes: base.notes }
    }
    const isOlder = known === undefined && !isSetUp
    const put = putInto(isOlder ? before : baseOf(before, known, all).text, contributions, { all, isOlder })
    const written = put.isOurs ? { sha256: hashOf(put.text), undo: put.undo, defaults: put.defaults } : null
    const notes = [...put.notes, ...otherDefaults(before, contributions)]
    return { file, before, after: put.text, written, notes }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const faults = error.faults.map(({ path, message }) => ({ path: file, message: `${path} ${message}`.trim() }))
    throw new InputError(faults, { cause: error })
  }
}

/** What somebody has set to something else than we would. */
function otherDefaults(text: string | null, contributions: readonly Contribution[]): readonly string[] {
  return contributions.flatMap(each => {
    if (each.form !== 'default' || text === null) return []
    const there = new JsoncText(text).valueAt(each.path)
    if (there === undefined || isDeepStrictEqual(there, each.value)) return []
    return [`${each.path.join('.')} is ${JSON.stringify(there)} and stays so`]
  })
}

/** The text of a file, as it is; `null`: there is none. */
export function textIn(file: string): string | null {
  let bytes: Buffer
  try {
    const found = statSync(file)
    if (!found.isFile()) throw fault(file, 'is no file')
    if (found.size > FILE_BYTES_MAX) throw fault(file, `has more than ${FILE_BYTES_MAX} bytes`)
    bytes = readFileSync(file)
  } catch (error) {
    if (error instanceof InputError) throw error
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null
    throw fault(file, `cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
  const text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) throw fault(file, 'is no text in UTF-8')
  return text
}

function fault(path: string, message: string): InputError {
  return new InputError([{ path, message }])
}

interface Base {
  readonly text: string | null
  readonly notes: readonly string[]
}

/** The file without anything of ours. */
function baseOf(before: string | null, known: WrittenFile | undefined, all: SetupFile): Base {
  if (before === null) return { text: null, notes: [] }
  if (known !== undefined && hashOf(before) === known.sha256) {
    return { text: known.undo === null ? null : undone(before, known.undo), notes: [] }
  }
  const text = stripped(before, known, all)
  const isChanged = known !== undefined && text !== before
  const note = 'it was changed by somebody else meanwhile: only the entries of holdfast were taken out'
  return { text, notes: isChanged ? [note] : [] }
}

/** Whether exactly what is wanted of ours stands in the text. */
function isAsWanted(text: string | null, wanted: readonly Contribution[], all: SetupFile): boolean {
  if (text === null) return wanted.length === 0
  const [first] = all.contributions
  if (first?.form === 'whole') {
    return wanted.length === 0
      ? !text.includes(first.mark)
      : wanted.some(each => each.form === 'whole' && each.text === text)
  }
  if (first?.form === 'table') {
    const table = tableIn(text)
    return wanted.length === 0 ? table === null : wanted.some(each => each.form === 'table' && each.text === table)
  }
  const json = new JsoncText(text)
  const elements = wanted.filter(each => each.form === 'element')
  const marks = new Set(all.contributions.flatMap(each => (each.form === 'element' ? [each.mark] : [])))
  const ours = ourHooks(json, marks)
  if (ours.length !== elements.length) return false
  const areThere = elements.every(({ list, element }) =>
    ours.some(found => isDeepStrictEqual([found.list, found.element], [list, element])),
  )
  if (!areThere) return false
  return all.contributions.every(each => {
    if (each.form !== 'member' && each.form !== 'default') return true
    const value = json.valueAt(each.path)
    if (!wanted.includes(each)) return each.form === 'default' || value === undefined
    return each.form === 'default' ? value !== undefined : isDeepStrictEqual(value, each.value)
  })
}

/** Takes out what is ours and nothing else; `null`: nothing is left. */
function stripped(text: string, known: WrittenFile | undefined, all: SetupFile): string | null {
  const [first] = all.contributions
  if (first?.form === 'whole') return text.includes(first.mark) ? null : text
  if (first?.form === 'table') return withoutTable(text)
  const json = new JsoncText(text)
  removeHooks(json, all)
  for (const each of all.contributions) {
    const isOurs = each.form === 'member' || (each.form === 'default' && isAmong(each.path, known?.defaults ?? []))
    if (!isOurs || json.valueAt(each.path) === undefined) continue
    if (each.form === 'default' && !isDeepStrictEqual(json.valueAt(each.path), each.value)) continue
    json.remove(each.path)
  }
  if (json.text === text) return text
  const left = json.valueAt([])
  const rest = typeof left === 'object' && left !== null ? Object.entries(left) : []
  const isSkeleton = rest.every(([key, value]) =>
    all.contributions.some(
      each => each.form === 'default' && isDeepStrictEqual([each.path, each.value], [[key], value]),
    ),
  )
  // A comment of somebody is worth its file.
  return isSkeleton && !/\/[/*]/.test(json.text) ? null : json.text
}

/** Takes out our hooks, the last one first, so that the places of the others stay. */
function removeHooks(json: JsoncText, all: SetupFile): void {
  const marks = new Set(all.contributions.flatMap(each => (each.form === 'element' ? [each.mark] : [])))
  for (const { list, index, inner } of ourHooks(json, marks).toReversed()) json.remove([...list, index, ...inner])
}

function isAmong(path: readonly string[], paths: readonly (readonly string[])[]): boolean {
  return paths.some(each => isDeepStrictEqual(each, path))
}

interface Put {
  readonly text: string
  readonly undo: readonly TextEdit[] | null
  readonly defaults: readonly (readonly string[])[]
  readonly notes: readonly string[]
  readonly isOurs: boolean
}

function putInto(
  base: string | null,
  contributions: readonly Contribution[],
  { all, isOlder }: { readonly all: SetupFile; readonly isOlder: boolean },
): Put {
  const [first] = contributions
  if (first?.form === 'whole') return putWhole(base, first)
  if (first?.form === 'table') return putTable(base, first)
  const json = new JsoncText(base ?? '')
  if (isOlder) removeHooks(json, all)
  const defaults: (readonly string[])[] = []
  for (const each of contributions) {
    if (each.form === 'element') json.append(each.list, each.element)
    if (each.form === 'member') json.set(each.path, each.value)
    if (each.form !== 'default' || json.valueAt(each.path) !== undefined) continue
    json.set(each.path, each.value)
    defaults.push(each.path)
  }
  demandAll(json, contributions)
  return { text: json.text, undo: base === null ? null : json.undo, defaults, notes: [], isOurs: true }
}

/** An edit that went wrong must not be written. */
function demandAll(json: JsoncText, contributions: readonly Contribution[]): void {
  const isIn = contributions.every(each => {
    if (each.form === 'element') return json.elementsAt(each.list).some(other => isDeepStrictEqual(other, each.element))
    if (each.form === 'member') return isDeepStrictEqual(json.valueAt(each.path), each.value)
    return each.form !== 'default' || json.valueAt(each.path) !== undefined
  })
  if (!isIn) throw fault('', 'cannot be edited safely; enter the hooks by hand (docs/agents.md)')
}

function putWhole(base: string | null, { text, mark }: Extract<Contribution, { readonly form: 'whole' }>): Put {
  if (base !== null && !base.includes(mark)) {
    const notes = ['somebody else wrote this file: it stays as it is']
    return { text: base, undo: [], defaults: [], notes, isOurs: false }
  }
  const undo = base === null ? null : [{ at: 0, length: text.length, text: base }]
  return { text, undo, defaults: [], notes: [], isOurs: true }
}

function putTable(base: string | null, { names, text: table }: Extract<Contribution, { readonly form: 'table' }>): Put {
  if (base !== null && hasTable(base, names)) {
    const notes = [`[${names.join('.')}] is there already, by somebody else: it stays as it is`]
    return { text: base, undo: [], defaults: [], notes, isOurs: false }
  }
  const text = withTable(base, table)
  const undo = base === null ? null : [{ at: base.length, length: text.length - base.length, text: '' }]
  return { text, undo, defaults: [], notes: [], isOurs: true }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
