import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

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
}

/** The text of a file; `null` when there is none. */
export function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Writes the change; readers see the file whole, old or new. A symbolic link stays one. */
export function applyChange({ file, before, after, newMode }: PlannedChange): void {
  if (after === before) return
  if (after === null) {
    rmSync(file)
    return
  }
  mkdirSync(dirname(file), { recursive: true })
  const place = before === null ? file : realpathSync(file)
  const mode = before === null ? newMode : statSync(place).mode
  const temporary = `${place}.holdfast-${process.pid}`
  try {
    writeFileSync(temporary, after, { flag: 'wx' })
    chmodSync(temporary, mode & 0o7777)
    renameSync(temporary, place)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
