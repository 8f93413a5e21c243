// `promises` is made when it is first used: `guard check` loads this file before every edit and needs none of it.
import { promises, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { InputError } from '../input-error.ts'
import { makeFolder } from '../make-folder.ts'
import { whereItLeads } from '../where-it-leads.ts'

/** What an installation would do to one file. */
export interface PlannedChange {
  readonly file: string
  /** `null`: there is no such file. */
  readonly before: string | null
  /** `null`: the file goes away. */
  readonly after: string | null
  /** Mode of a file that is made; one that is there keeps its own. */
  readonly newMode: number
  /** What was added or taken out, for people to read. */
  readonly text: string
  /** What else they should know. */
  readonly notes: readonly string[]
  /** A further file of the installation whose first file this is. */
  readonly besides?: string
}

/**
 * The text of a file; `null` when there is none.
 *
 * @throws InputError when it is there and cannot be read.
 */
export function textOf(file: string): string | null {
  try {
    // To open a pipe would wait for whoever writes to it.
    const found = statSync(file)
    if (!found.isFile() && !found.isDirectory()) throw new Error('it is a pipe or a device')
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw unusable(file, 'read', error)
  }
}

/**
 * Writes the change; readers see the file whole, old or new. A symbolic link stays one, also where it leads to nothing yet.
 *
 * @throws InputError when the file cannot be written; it is as it was then.
 */
export async function applyChange(change: PlannedChange): Promise<void> {
  if (change.after === change.before) return
  try {
    await (change.after === null ? remove(change.file) : write(change, change.after))
  } catch (error) {
    throw unusable(change.file, 'written', error)
  }
}

async function remove(file: string): Promise<void> {
  await promises.rm(await whereItLeads(file))
}

async function write({ file, before, newMode }: PlannedChange, after: string): Promise<void> {
  const place = await whereItLeads(file)
  await makeFolder(dirname(place))
  const mode = before === null ? newMode : (await promises.stat(place)).mode
  const temporary = `${place}.holdfast-${process.pid}`
  try {
    await promises.writeFile(temporary, after, { flag: 'wx' })
    await promises.chmod(temporary, mode & 0o7777)
    await promises.rename(temporary, place)
  } catch (error) {
    await promises.rm(temporary, { force: true })
    throw error
  }
}

function unusable(file: string, what: 'read' | 'written', error: unknown): InputError {
  const why = error instanceof Error ? error.message : String(error)
  return new InputError([{ path: file, message: `it cannot be ${what} (${why})` }], { cause: error })
}
