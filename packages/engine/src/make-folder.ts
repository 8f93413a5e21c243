// `promises` is made when it is first used, and those who load this may never make a folder.
import { promises } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it, from the first that exists. Node's recursive form never ends on file systems where a
 * folder cannot be made although nothing is there, such as /proc.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) await makeFolder(parent)
  try {
    await promises.mkdir(path)
  } catch (error) {
    // Somebody else was first.
    if (!(await isFolder(path))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await promises.stat(path)).isDirectory()
  } catch {
    return false
  }
}
