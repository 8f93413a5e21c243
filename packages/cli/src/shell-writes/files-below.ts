import type { Look } from './look.ts'

/** The files below a folder, relative to it, as far as `limit` goes. Links are not followed: their own folder has no say here. */
export function filesBelow(
  folder: string,
  look: Pick<Look, 'names' | 'kind'>,
  limit: number,
): { readonly paths: readonly string[]; readonly isWhole: boolean } {
  const paths: string[] = []
  const open = ['']
  let looked = 0
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const name of look.names(`${folder}/${at}`) ?? []) {
      looked += 1
      if (looked > limit) return { paths, isWhole: false }
      const path = `${at}${name}`
      if (look.kind(`${folder}/${path}`) === 'folder' && path.length < PATH_LENGTH_MAX) open.push(`${path}/`)
      else paths.push(path)
    }
  }
  return { paths, isWhole: true }
}

/** A link to a folder around it would be gone through for ever. */
const PATH_LENGTH_MAX = 4096
