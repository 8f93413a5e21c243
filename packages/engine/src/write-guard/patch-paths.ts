/** A line of a patch document that names a file: `*** Update File: a.ts`, `*** Move to: b.ts`. */
const HEADER = /^\s*\*\*\* ([A-Za-z][A-Za-z ]*): (.+)$/

/** Headers that name no file. */
const NO_FILE: ReadonlySet<string> = new Set(['Environment ID'])

/**
 * The files that a patch document (`*** Begin Patch`) changes, makes, deletes or moves. A header that nobody knows yet is
 * taken to name a file, and so is a line of context that looks like one: too many paths refuse more, too few would let a
 * write through.
 */
export function patchPaths(patch: string): readonly string[] {
  return patch.split(/\r\n|\n|\r/).flatMap(line => {
    const [, header = '', path = ''] = HEADER.exec(line) ?? []
    return header === '' || NO_FILE.has(header) ? [] : [path.trim()]
  })
}
