import { basename, resolve } from 'node:path'
import { isFolder, unknownTarget, writes, type Call, type Program } from './call.ts'
import { filesBelow } from './files-below.ts'
import { givenOptions } from './options.ts'
import type { Field } from './state.ts'

/** Files of one folder that are copied name by name. */
const FILES_MAX = 2000

interface Copy {
  readonly sources: readonly Field[]
  readonly target: Field
  /** The target is a folder, whatever is there. */
  readonly into: boolean
  /** A source comes to stand in it by its whole name. */
  readonly isWhole?: boolean
}

/** Programs that take one or several sources, and a place for them. */
export const COPYING: Readonly<Record<string, Program>> = {
  cp: call => {
    const { options, copy } = read(call, 'St')
    // A second name of a file leads past every lease on the first one.
    if (options.has('l', 'link')) for (const source of copy.sources) writes(call, source)
    const isWhole = options.has('parents')
    placed(call, isWhole ? { ...copy, isWhole, into: true } : copy, {
      whole: options.has('r', 'R', 'a', 'recursive', 'archive'),
    })
    return null
  },
  mv: call => {
    const { copy } = read(call, 'St')
    placed(call, copy, { whole: true })
    for (const source of copy.sources) writes(call, source, 'tree')
    return null
  },
  ln: call => {
    const { options, copy } = read(call, 'St')
    const isSymbolic = options.has('s', 'symbolic')
    const single = copy.sources.length === 0 && !copy.into
    const sources = single ? [copy.target] : copy.sources
    const target = single ? '.' : copy.target
    if (!isSymbolic) for (const source of sources) writes(call, source)
    for (const [source, place] of placed(call, { ...copy, sources, target }, { whole: false })) {
      if (isSymbolic && source !== null) call.state.links.set(resolve(place), resolve(place, '..', source))
    }
    return null
  },
  install: call => {
    const { options, copy } = read(call, 'gmoSt')
    if (options.has('d', 'directory')) for (const folder of [...copy.sources, copy.target]) writes(call, folder)
    else placed(call, copy, { whole: false })
    return null
  },
  rsync: call => {
    const options = givenOptions(call.words, {
      valued: 'efBT',
      long: ['exclude', 'include', 'rsh', 'filter', 'files-from'],
    })
    const target = options.operands.at(-1) ?? null
    if (options.has('n', 'dry-run', 'list-only') || options.operands.length < 2) return null
    if (target?.includes(':') === true) return null
    if (options.has('delete', 'delete-after', 'delete-before', 'delete-excluded', 'del')) writes(call, target, 'tree')
    const sources = options.operands.slice(0, -1)
    if (options.has('remove-source-files')) for (const source of sources) writes(call, source, 'tree')
    for (const source of sources) {
      // With a slash behind it, what is in the folder is copied, and not the folder.
      const isInner = source?.endsWith('/') === true || source === '.'
      const isWhole = options.has('R', 'relative')
      placed(call, { sources: [source], target, into: isWhole || !isInner, isWhole }, { whole: true })
    }
    return null
  },
  scp: call => {
    const { operands } = givenOptions(call.words, { valued: 'cFiJloPS' })
    const target = operands.at(-1) ?? null
    if (target?.includes(':') !== true)
      placed(call, { sources: operands.slice(0, -1), target, into: false }, { whole: false })
    return null
  },
}

function read(call: Call, valued: string): { readonly options: ReturnType<typeof givenOptions>; readonly copy: Copy } {
  const options = givenOptions(call.words, { valued, long: ['target-directory', 'suffix', 'mode', 'owner', 'group'] })
  const [into] = options.values('t', 'target-directory')
  if (into !== undefined) return { options, copy: { sources: options.operands, target: into, into: true } }
  const isFile = options.has('T', 'no-target-directory')
  const sources = options.operands.slice(0, -1)
  const target = options.operands.at(-1) ?? null
  return { options, copy: { sources, target, into: !isFile && sources.length > 1 } }
}

/** Notes where the sources come to stand; answers the pairs. */
function placed(call: Call, copy: Copy, { whole }: { readonly whole: boolean }): readonly (readonly [Field, string])[] {
  const { state, look } = call
  const target = state.path(copy.target)
  if (target === null || copy.sources.includes(null)) {
    unknownTarget(call)
    if (target === null) return []
  }
  const into = copy.into || (isFolder(call, target) && call.name !== 'rsync')
  const pairs: (readonly [Field, string])[] = []
  for (const source of copy.sources) {
    if (source === null) continue
    const from = state.path(source)
    // With the folders in front of it, as it was named.
    const name = copy.isWhole === true ? source : basename(source)
    const place = into ? `${target}/${name}` : target
    pairs.push([source, place])
    const files = whole && from !== null && look.kind(from) === 'folder' ? filesBelow(from, look, FILES_MAX) : null
    if (files === null) {
      call.found.target({ path: place, extent: 'file', by: call.name })
      continue
    }
    for (const file of files.paths) call.found.target({ path: `${place}/${file}`, extent: 'file', by: call.name })
    if (!files.isWhole) call.found.unresolved(`${call.name} ${source}`, 'bound')
    // A folder without files, or one that is new, is a name of its own.
    if (files.paths.length === 0) call.found.target({ path: place, extent: 'file', by: call.name })
  }
  return pairs
}
