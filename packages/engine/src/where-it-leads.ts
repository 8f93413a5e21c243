// `promises` is made when it is first used, and those who load this may never follow a link.
import { promises } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { checkText } from './check-given.ts'

/** Links that are followed one after the other, as many as Linux follows. */
const LINKS_MAX = 40

/**
 * The place that a write to `path` reaches: links are followed, also to what is not there yet. A file that is replaced by
 * a rename must be replaced there, or the link would go.
 */
export async function whereItLeads(path: string, linksLeft = LINKS_MAX): Promise<string> {
  checkText(path, 'path')
  try {
    return await promises.realpath(path)
  } catch {
    const target = linksLeft === 0 ? null : await linkTarget(path)
    if (target !== null) return whereItLeads(target, linksLeft - 1)
    const parent = dirname(path)
    return parent === path ? path : join(await whereItLeads(parent, linksLeft), basename(path))
  }
}

async function linkTarget(path: string): Promise<string | null> {
  try {
    const target = await promises.readlink(path)
    // Dots count from the folder that the link is really in.
    return resolve(await promises.realpath(dirname(path)), target)
  } catch {
    return null // No link.
  }
}
