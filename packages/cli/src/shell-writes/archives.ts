import { unknownTarget, writes, type Call, type Program } from './call.ts'
import { givenOptions } from './options.ts'

/** Programs that make archives, and take them apart. */
export const ARCHIVES: Readonly<Record<string, Program>> = {
  tar,
  bsdtar: tar,
  unzip: call => {
    const { operands, values, has } = givenOptions(call.words, { valued: 'dxP' })
    if (has('l', 't', 'v', 'Z', 'p', 'c')) return null
    unpacked(call, values('d')[0] ?? '.', operands.slice(1))
    return null
  },
  cpio: call => {
    const { has, operands } = givenOptions(call.words, { valued: 'DFHEIORM' })
    const folder = operands.at(-1) ?? null
    if (has('p', 'pass-through') && call.input !== null && folder !== null) {
      for (const name of call.input.split('\n')) if (name !== '') writes(call, `${folder}/${name}`)
    } else if (has('i', 'p', 'extract', 'pass-through')) unknownTarget(call)
    return null
  },
}

function tar(call: Call): null {
  // The first word may be letters without a dash.
  const [first, ...others] = call.words
  const isBare = first !== undefined && first !== null && first !== '' && !first.startsWith('-')
  const words = isBare ? [`-${first}`, ...others] : call.words
  const { operands, values, has } = givenOptions(words, {
    valued: 'fCTXbHgKNV',
    long: ['file', 'directory', 'exclude', 'strip-components', 'transform', 'files-from'],
  })
  const archives = values('f', 'file')
  if (has('c', 'create', 'r', 'append', 'u', 'update', 'A', 'delete')) {
    for (const archive of archives) if (archive !== '-') writes(call, archive)
    if (has('remove-files')) for (const operand of operands) writes(call, operand, 'tree')
  } else if (has('x', 'extract', 'get') && !has('O', 'to-stdout')) {
    for (const top of values('one-top-level')) if (top !== '') writes(call, top)
    unpacked(call, values('C', 'directory').at(-1) ?? '.', has('strip-components', 'transform') ? [] : operands)
  }
  return null
}

/** Members that are named are written by their names; what else is in an archive is not known before. */
function unpacked(call: Call, folder: string | null, members: readonly (string | null)[]): void {
  for (const member of members) writes(call, member === null || folder === null ? null : `${folder}/${member}`)
  if (members.length > 0) return
  const path = call.state.path(folder)
  if (path !== null && folder !== '.' && folder !== call.state.folder) writes(call, folder)
  unknownTarget(call)
}
