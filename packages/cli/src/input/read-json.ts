import { DROPPED_KEY, droppedKeyIn } from '@holdfast/core/internal'
import { UsageError } from '../failure/usage-error.ts'
import { readNamedFile } from './read-named-file.ts'

/**
 * Reads a JSON document from a file, or from standard input for `-`. One with a key that would be dropped in silence is
 * refused: somebody wrote it to mean something.
 */
export async function readJson(file: string): Promise<unknown> {
  const content = await read(file)
  const document = parsed(content, file)
  const dropped = droppedKeyIn(document)
  if (dropped === null) return document
  throw new UsageError(`${named(file)} is wrong at ${dropped}: the name ${DROPPED_KEY} cannot be used.`)
}

function parsed(content: string, file: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    throw new UsageError(`${named(file)} holds no JSON: ${messageOf(error)}.`, { cause: error })
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readNamedFile(file)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${named(file)} cannot be read: ${messageOf(error)}.`, { cause: error })
  }
}

function named(file: string): string {
  return file === '-' ? 'Standard input' : `The file ${JSON.stringify(file)}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
