import { TOLD_LENGTH_MAX, unknownTarget, writes, type Call } from './call.ts'
import { gitPatched } from './patches.ts'
import { givenOptions } from './options.ts'
import { GIT_READERS } from './readers.ts'
import type { Field } from './state.ts'

/** `git COMMAND`: git itself says which files it would change, where it can be asked without changing any. */
export function git(call: Call): Field {
  const shape = { valued: 'Cc', long: ['git-dir', 'work-tree', 'namespace', 'exec-path'], endsAtOperand: true }
  const before = givenOptions(call.words, shape)
  const [command, ...words] = before.rest
  if (command === undefined) return null
  const state = call.state.copy()
  for (const folder of before.values('C')) state.folder = state.path(folder)
  if (command === null || before.has('git-dir', 'work-tree')) return notKnown(call)
  const inner: Call = { ...call, name: `git ${command}`, words, state }
  for (const word of words) if (word?.startsWith('--output=') === true) writes(inner, word.slice('--output='.length))
  const handler = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (handler !== undefined) return handler(inner)
  return GIT_READERS.has(command) || command === 'diff' ? null : notKnown(call)
}

const COMMANDS: Readonly<Record<string, (call: Call) => Field>> = {
  checkout: call => {
    const end = call.words.indexOf('--')
    const { operands, has, values } = givenOptions(end < 0 ? call.words : call.words.slice(0, end), {
      valued: 'bB',
      long: ['orphan', 'pathspec-from-file'],
    })
    if (has('p', 'patch', 'pathspec-from-file')) return notKnown(call)
    const [first, ...others] = operands
    if (end >= 0) return differing(call, first === undefined ? [] : [first], call.words.slice(end + 1))
    if (values('b', 'B', 'orphan').length > 0) return switched(call, first, has('f', 'force'))
    if (first === undefined) return has('f', 'force') ? differing(call, ['HEAD'], []) : null
    if (isRevision(call, first))
      return others.length === 0 ? switched(call, first, has('f', 'force')) : differing(call, [first], others)
    return differing(call, [], operands)
  },
  switch: call => {
    const { operands, has } = givenOptions(call.words, { valued: 'cC', long: ['create', 'force-create', 'orphan'] })
    return switched(call, operands[0], has('f', 'force', 'discard-changes'))
  },
  restore: call => {
    const { operands, has, values } = givenOptions(call.words, { valued: 's', long: ['source', 'pathspec-from-file'] })
    if (has('S', 'staged') && !has('W', 'worktree')) return null
    if (has('p', 'patch', 'pathspec-from-file')) return notKnown(call)
    return differing(call, values('s', 'source'), operands)
  },
  stash: call => {
    const [first, ...others] = call.words
    if (first !== undefined && first !== null && STASH_READERS.has(first)) return null
    if (first === 'pop' || first === 'apply') {
      const { operands } = givenOptions(others)
      return told(call, ['stash', 'show', '--name-only', '-z', '--include-untracked', ...named(operands)])
    }
    if (first === 'branch') return notKnown(call)
    const { operands, has } = givenOptions(first === 'push' || first === 'save' ? others : call.words, {
      valued: 'm',
      long: ['message', 'pathspec-from-file'],
    })
    if (has('S', 'staged', 'p', 'patch')) return notKnown(call)
    const paths = first === 'save' ? [] : operands
    if (has('u', 'include-untracked', 'a', 'all')) {
      told(call, [
        'ls-files',
        '--others',
        '-z',
        '--full-name',
        ...(has('a', 'all') ? [] : ['--exclude-standard']),
        '--',
        ...named(paths),
      ])
    }
    return differing(call, ['HEAD'], paths)
  },
  reset: call => {
    const { operands, has } = givenOptions(call.words)
    return has('hard', 'merge', 'keep') ? differing(call, [operands[0] ?? 'HEAD'], []) : null
  },
  clean: call => {
    const { operands, has, values } = givenOptions(call.words, { valued: 'e', long: ['exclude'] })
    if (has('n', 'dry-run')) return null
    const flags = ['d', 'x', 'X'].filter(flag => has(flag)).map(flag => `-${flag}`)
    const excluded = values('e', 'exclude').flatMap(pattern => (pattern === null ? [] : ['-e', pattern]))
    return cleaned(call, ['clean', '-n', ...flags, ...excluded, '--', ...named(operands)])
  },
  apply: call => {
    const { operands, has, values } = givenOptions(call.words, {
      valued: 'pC',
      long: ['directory', 'exclude', 'include', 'whitespace'],
    })
    if (has('check', 'stat', 'numstat', 'summary', 'cached') && !has('apply')) return null
    return applied(call, operands, values('p')[0], values('directory')[0] ?? null)
  },
  am: call => applied(call, givenOptions(call.words, { valued: 'pC' }).operands, undefined, null),
  merge: call => {
    const { operands, has } = givenOptions(call.words, {
      valued: 'msXF',
      long: ['strategy', 'strategy-option', 'into-name'],
    })
    if (has('quit')) return null
    if (has('abort') || has('continue')) return differing(call, ['HEAD'], [])
    return each(call, operands, revision => told(call, diff(`HEAD...${revision}`)))
  },
  rebase: call => {
    const { operands, has, values } = givenOptions(call.words, { valued: 'xsX', long: ['onto', 'exec', 'strategy'] })
    if (has('abort', 'continue', 'skip', 'x', 'exec') || operands.length === 0) return notKnown(call)
    const bases = [...values('onto'), ...operands.slice(0, 1)]
    return each(
      call,
      bases,
      revision => (told(call, diff(`HEAD...${revision}`)), told(call, diff(`${revision}...HEAD`))),
    )
  },
  'cherry-pick': picked,
  revert: picked,
  pull: call => {
    const { operands } = givenOptions(call.words, { valued: 'sX' })
    if (operands.length < 2) told(call, diff('HEAD...@{upstream}'), { isQuiet: true })
    return notKnown(call)
  },
  rm: call => {
    const { operands, has } = givenOptions(call.words)
    return has('cached', 'n', 'dry-run')
      ? null
      : told(call, ['ls-files', '-z', '--full-name', '--', ...named(operands)])
  },
  mv: call =>
    givenOptions(call.words).has('n', 'dry-run') ? null : call.start(['mv', ...call.words], { state: call.state }),
  'ls-files': call => {
    const { has, operands } = givenOptions(call.words, { valued: 'x' })
    if (has('s', 'stage', 't', 'v', 'u', 'i', 'eol', 'debug') || operands.includes(null)) return null
    const flags = ['o', 'others', 'm', 'modified', 'd', 'deleted', 'exclude-standard', 'z'].filter(flag => has(flag))
    return ask(call, [
      'ls-files',
      ...flags.map(flag => (flag.length === 1 ? `-${flag}` : `--${flag}`)),
      '--',
      ...named(operands),
    ])
  },
  'rev-parse': call =>
    call.words.length === 1 && call.words[0] === '--show-toplevel' ? ask(call, ['rev-parse', '--show-toplevel']) : null,
  archive: call => outputs(call, ['o', 'output']),
  'format-patch': call => outputs(call, ['o', 'output-directory']),
  bundle: call =>
    call.words[0] === 'create'
      ? (writes(call, call.words.find((word, place) => place > 0 && word?.startsWith('-') !== true) ?? null), null)
      : null,
  'checkout-index': call => {
    const { operands, values, has } = givenOptions(call.words, { long: ['prefix', 'stage'] })
    const [prefix] = values('prefix')
    if (prefix === undefined) return differing(call, [], has('a', 'all') ? [] : operands)
    const names = ask(call, ['ls-files', '-z', '--', ...(has('a', 'all') ? [] : named(operands))])
    if (names === null || prefix === null) return notKnown(call)
    for (const name of names.split('\0')) if (name !== '') writes(call, `${prefix}${name}`)
    return null
  },
  'read-tree': call => {
    const { operands, values, has } = givenOptions(call.words, { long: ['prefix', 'index-output'] })
    if (!has('u') || has('n', 'dry-run')) return null
    if (values('prefix').length > 0) return notKnown(call)
    return each(call, operands.slice(-1), revision => differing(call, [revision], []))
  },
  'merge-file': call => {
    const { operands, has } = givenOptions(call.words, { valued: 'L' })
    if (!has('p', 'stdout')) writes(call, operands[0] ?? null)
    return null
  },
  config: call => {
    const { values, has, operands } = givenOptions(call.words, {
      valued: 'f',
      long: ['file', 'type', 'default', 'get', 'get-all', 'get-regexp'],
    })
    const isQuestion = has('get', 'get-all', 'get-regexp', 'l', 'list') || ['get', 'list'].includes(operands[0] ?? '')
    if (
      !isQuestion &&
      (operands.length > 1 || has('unset', 'unset-all', 'remove-section', 'rename-section', 'e', 'edit'))
    )
      for (const file of values('f', 'file')) writes(call, file)
    return null
  },
  worktree: call => {
    const { operands } = givenOptions(call.words.slice(1), { valued: 'bB', long: ['reason'] })
    const [command] = call.words
    if (command === 'remove') writes(call, operands[0] ?? null, 'tree')
    if (command === 'add') writes(call, operands[0] ?? null)
    if (command === 'move') {
      writes(call, operands[0] ?? null, 'tree')
      writes(call, operands[1] ?? null)
    }
    return null
  },
  clone: call => {
    const { operands } = givenOptions(call.words, {
      valued: 'bcjou',
      long: ['branch', 'depth', 'origin', 'config', 'reference', 'filter'],
    })
    const [from, folder = from?.slice(from.lastIndexOf('/') + 1).replace('.git', '') ?? null] = operands
    writes(call, folder)
    const path = call.state.path(folder)
    if (path !== null) call.state.made.add(path)
    return null
  },
  init: call => {
    const [folder] = givenOptions(call.words, {
      valued: 'b',
      long: ['template', 'initial-branch', 'separate-git-dir'],
    }).operands
    if (folder !== undefined) writes(call, folder)
    return null
  },
  bisect: call => notKnown(call),
}

/** What of `git stash` leaves the work tree as it is. */
const STASH_READERS: ReadonlySet<string> = new Set(['list', 'show', 'drop', 'clear', 'create', 'store'])

function outputs(call: Call, names: readonly string[]): Field {
  for (const output of givenOptions(call.words, { valued: 'o', long: ['output', 'output-directory'] }).values(...names))
    writes(call, output)
  return null
}

function picked(call: Call): Field {
  const { operands, has } = givenOptions(call.words, { valued: 'msX' })
  if (has('quit')) return null
  if (has('abort', 'continue', 'skip')) return differing(call, ['HEAD'], [])
  return each(call, operands, revision =>
    told(call, [
      'log',
      '-m',
      '--name-only',
      '--format=',
      '-z',
      ...(revision.includes('..') ? [] : ['-1']),
      revision,
      '--',
    ]),
  )
}

function applied(call: Call, files: readonly Field[], strip: Field | undefined, directory: Field): Field {
  const count = Number(strip ?? '1')
  gitPatched(call, files, { folder: directory ?? '.', strip: Number.isInteger(count) ? count : 1 })
  return null
}

const DIFF = ['diff', '--name-only', '-z', '--no-ext-diff', '--no-renames', '--ignore-submodules=none']
const diff = (range: string): readonly string[] => [...DIFF, range, '--']

/** What differs between the work tree and a tree, or the index: that is put back. */
function differing(call: Call, revisions: readonly Field[], paths: readonly Field[]): Field {
  if (revisions.includes(null) || paths.includes(null)) return notKnown(call)
  return told(call, [...DIFF, ...named(revisions), '--', ...named(paths)])
}

/** Another commit is checked out; what is changed here and the same in both stays, unless it is forced. */
function switched(call: Call, revision: Field | undefined, isForced: boolean): Field {
  if (revision === undefined) return isForced ? differing(call, ['HEAD'], []) : null
  if (revision === null || !isRevision(call, revision)) return notKnown(call)
  if (isForced) differing(call, ['HEAD'], [])
  return told(call, [...DIFF, 'HEAD', revision === '-' ? '@{-1}' : revision, '--'])
}

function isRevision(call: Call, word: Field): boolean {
  if (word === null || (word.startsWith('-') && word !== '-')) return false
  const name = word === '-' ? '@{-1}' : word
  return ask(call, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]) !== null
}

function each(call: Call, revisions: readonly Field[], tell: (revision: string) => Field): Field {
  if (revisions.length === 0) return notKnown(call)
  for (const revision of revisions) {
    if (revision === null || revision.startsWith('-')) notKnown(call)
    else tell(revision)
  }
  return null
}

/** Asks git for names, which are relative to the top of the work tree. */
function told(
  call: Call,
  question: readonly string[],
  { isQuiet = false }: { readonly isQuiet?: boolean } = {},
): Field {
  const answer = ask(call, question)
  const top = answer === null ? null : ask(call, ['rev-parse', '--show-toplevel'])
  if (answer === null || top === null) return isQuiet ? null : notKnown(call)
  for (const name of answer.split('\0')) if (name.trim() !== '') writes(call, `${top.trimEnd()}/${name.trim()}`)
  return null
}

const REMOVED = 'Would remove '

function cleaned(call: Call, question: readonly string[]): Field {
  const answer = ask(call, question)
  if (answer === null) return notKnown(call)
  for (const line of answer.split('\n')) {
    if (!line.startsWith(REMOVED)) continue
    const name = line.slice(REMOVED.length)
    writes(call, name.endsWith('/') ? name.slice(0, -1) : name, name.endsWith('/') ? 'tree' : 'file')
  }
  return null
}

function ask({ state, look }: Call, question: readonly string[]): Field {
  return state.folder === null ? null : look.git(state.folder, question)
}

function named(words: readonly Field[]): readonly string[] {
  return words.filter(word => word !== null)
}

function notKnown(call: Call): null {
  unknownTarget({ ...call, words: call.words.slice(0, TOLD_LENGTH_MAX) })
  return null
}
