import { unknownTarget, writes, type Call, type Program } from './call.ts'
import { givenOptions } from './options.ts'
import type { Field } from './state.ts'

/** Programs that apply patches, which say themselves what they change. */
export const PATCHES: Readonly<Record<string, Program>> = {
  patch: call => {
    const { operands, values, has } = givenOptions(call.words, {
      valued: 'pidoBDFgrVxYz',
      long: ['strip', 'input', 'directory', 'output'],
    })
    if (has('dry-run', 'C', 'check')) return null
    const [file, patch] = operands
    const folder = values('d', 'directory')[0] ?? '.'
    const output = values('o', 'output')[0] ?? file
    if (output !== undefined) {
      writes(call, within(folder, output))
      return null
    }
    const from = values('i', 'input')[0] ?? patch
    patched(call, from === undefined ? [] : [from], { folder, strip: strip(values('p', 'strip')[0]) })
    return null
  },
  apply_patch: applyPatch,
  applypatch: applyPatch,
}

/** `git apply` and `git am`. */
export function gitPatched(
  call: Call,
  files: readonly Field[],
  how: { readonly folder: string; readonly strip: number | null },
): void {
  patched(call, files, how)
}

function patched(
  call: Call,
  files: readonly Field[],
  { folder, strip }: { readonly folder: Field; readonly strip: number | null },
): void {
  const texts =
    files.length === 0
      ? [call.input]
      : files.map(file => {
          const path = file === '-' ? null : call.state.path(file)
          return file === '-' ? call.input : path === null ? null : call.look.text(path)
        })
  for (const text of texts) {
    const names = text === null ? [] : namesInPatch(text)
    if (names.length === 0) unknownTarget(call)
    for (const name of names) writes(call, within(folder, stripped(name, strip)))
  }
}

/** The files that a patch names in its headers. */
function namesInPatch(text: string): readonly string[] {
  const names = new Set<string>()
  const lines = text.split('\n')
  for (const [place, line] of lines.entries()) {
    const isPair = line.startsWith('--- ') && lines[place + 1]?.startsWith('+++ ') === true
    const isSecond = line.startsWith('+++ ') && lines[place - 1]?.startsWith('--- ') === true
    if (isPair || isSecond) names.add(untimed(line.slice('+++ '.length)))
    for (const begin of ['rename from ', 'rename to ', 'copy to ']) {
      if (line.startsWith(begin)) names.add(`-/${line.slice(begin.length)}`)
    }
    // Without a text of its own a file is made, removed or given another mode by this line alone.
    if (line.startsWith('diff --git ')) {
      const half = line.slice('diff --git '.length)
      const middle = half.indexOf(' b/')
      if (middle > 0) names.add(half.slice(0, middle)).add(half.slice(middle + 1))
    }
  }
  names.delete('/dev/null')
  return [...names]
}

/** Behind a tab stands the file's time. */
function untimed(name: string): string {
  const tab = name.indexOf('\t')
  return tab < 0 ? name.trimEnd() : name.slice(0, tab)
}

function strip(given: Field | undefined): number | null {
  const count = Number(given ?? 'none')
  return Number.isInteger(count) ? count : null
}

/** Without `-p` the folders in front go as well, unless the whole name is there: by it a lease would be found too. */
function stripped(name: string, count: number | null): string {
  const parts = name.split('/')
  const isMarked = parts.length > 1 && ['a', 'b', '-', 'i', 'w', 'c', 'o'].includes(parts[0] ?? '')
  return parts.slice(count ?? (isMarked ? 1 : 0)).join('/')
}

function within(folder: Field, name: Field): Field {
  if (name === null || folder === null) return null
  return folder === '.' || name.startsWith('/') ? name : `${folder}/${name}`
}

const MARKS = ['*** Add File: ', '*** Update File: ', '*** Delete File: ', '*** Move to: ']

/** The patch language of some coding agents. */
function applyPatch(call: Call): Field {
  const text = call.words[0] ?? call.input
  const names = (text ?? '').split('\n').flatMap(line => {
    const mark = MARKS.find(begin => line.startsWith(begin))
    return mark === undefined ? [] : [line.slice(mark.length).trim()]
  })
  if (names.length === 0) unknownTarget(call)
  for (const name of names) writes(call, name)
  return null
}
