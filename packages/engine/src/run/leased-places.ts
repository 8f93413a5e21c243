/** One place that a glob of a region names, relative to the root; `''` is the root itself. */
export interface LeasedPlace {
  readonly path: string
  /** It is written with everything below it in any case: what is not there yet is a folder. */
  readonly isFolder: boolean
}

/** The place that a glob covers as a whole; `null`: it covers paths by a pattern. */
export function leasedPlace(glob: string): LeasedPlace | null {
  const segments = glob.split('/')
  const isFolder = segments.at(-1) === '**'
  const names = (isFolder ? segments.slice(0, -1) : segments).map(plainName)
  if (names.includes(null)) return null
  return { path: names.join('/'), isFolder }
}

/** The name that a segment of a glob stands for; a class of one sign is that sign. */
function plainName(segment: string): string | null {
  let name = ''
  for (let place = 0; place < segment.length; place += 1) {
    const sign = segment[place] ?? ''
    if (sign === '[') {
      const [inner, end] = [segment[place + 1], segment[place + 2]]
      if (inner === undefined || inner === '!' || inner === '^' || end !== ']') return null
      name += inner
      place += 2
    } else if (SIGNS.includes(sign)) return null
    else name += sign
  }
  return name
}

const SIGNS = '*?{}+'
