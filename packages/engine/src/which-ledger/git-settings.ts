import { readSmallFile } from '@holdfast/store/internal'
import { isMissing } from './file-errors.ts'
import { unusableGit } from './unusable-git.ts'

/** Larger files of settings than this are not read: nobody writes such by hand. */
const FILE_BYTES_MAX = 1024 * 1024

/** One line of a file in git's configuration format; section and name in lower case, as git compares them. */
export interface GitSetting {
  readonly section: string
  readonly subsection: string
  readonly name: string
  readonly value: string
}

/**
 * The settings of a file; none when it is not there. Files that it includes are left out: what is looked up here stands in
 * the file itself.
 *
 * @throws StoreError `unavailable` when it is there and cannot be read.
 */
export function gitSettings(file: string): readonly GitSetting[] {
  try {
    return parseGitSettings(readSmallFile(file, FILE_BYTES_MAX))
  } catch (error) {
    if (isMissing(error)) return []
    throw unusableGit(file, 'cannot be read', error)
  }
}

const SECTION = /^\[\s*([-.\w]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]/
const SETTING = /^([a-z][-\w]*)\s*(?:=\s*(.*))?$/i

/** Reads git's configuration format. What is no setting is passed over. */
export function parseGitSettings(text: string): readonly GitSetting[] {
  const settings: GitSetting[] = []
  let section = ''
  let subsection = ''
  for (const line of text.replaceAll(/\\\r?\n/g, '').split(/\r?\n/)) {
    const begun = SECTION.exec(line.trim())
    if (begun !== null) {
      section = (begun[1] ?? '').toLowerCase()
      subsection = (begun[2] ?? '').replaceAll(/\\(.)/g, '$1')
    }
    const rest = line.trim().slice(begun?.[0].length ?? 0)
    const setting = SETTING.exec(rest.trim())
    if (setting === null) continue
    const [, name = '', value = 'true'] = setting
    settings.push({ section, subsection, name: name.toLowerCase(), value: unquoted(value) })
  }
  return settings
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' }

/** A value without its quotes, its comment and the blanks around it. */
function unquoted(text: string): string {
  let value = ''
  let kept = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at)
    if (letter === '"') quoted = !quoted
    else if (letter === '\\') {
      at += 1
      const next = text.charAt(at)
      value += ESCAPED[next] ?? next
      kept = value.length
    } else if (!quoted && (letter === '#' || letter === ';')) break
    else {
      value += letter
      if (quoted || letter.trim() !== '') kept = value.length
    }
  }
  return value.slice(0, kept)
}
