import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError } from '../program/usage-error.ts'

/** Reads a JSON document from a file, or from standard input for `-`. */
export async function readJson(file: string): Promise<unknown> {
  const content = await read(file)
  try {
    const parsed: unknown = JSON.parse(content)
    return parsed
  } catch (error) {
    throw new UsageError(`${named(file)} holds no JSON: ${messageOf(error)}.`, { cause: error })
  }
}

async function read(file: string): Promise<string> {
  try {
    return await (file === '-' ? text(process.stdin) : readFile(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`${named(file)} cannot be read: ${messageOf(error)}.`, { cause: error })
  }
}

function named(file: string): string {
  return file === '-' ? 'Standard input' : `The file ${JSON.stringify(file)}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
