import type { OptionShape } from './options.ts'

/** A program whose writes can be read off its words. */
export interface SimpleWriter extends OptionShape {
  /** Which operands it writes. */
  readonly operands: 'all' | 'first' | 'last' | 'but-first' | 'second' | 'none'
  /** With one of these options, the first operand is no script but a file as well. */
  readonly scripts?: readonly string[]
  /** It writes operands only with one of these options. */
  readonly only?: readonly string[]
  /** It writes no operands with one of these. */
  readonly never?: readonly string[]
  /** Options whose value it writes. */
  readonly outputs?: readonly string[]
  /** With one of these options an operand means everything below it as well; `true`: always. */
  readonly below?: readonly string[] | true
  /** What is there already is not changed. */
  readonly makes?: true
}

const IN_PLACE = { operands: 'all', only: ['i', 'in-place', 'inplace'] } as const
const FORMATTER = { operands: 'all', below: true } as const
const PACKER = { operands: 'all', never: ['c', 'stdout', 'to-stdout', 't', 'test', 'l', 'list'], below: ['r'] } as const

/** Programs by name. What takes paths in an order of its own has a function in `programs.ts`. */
export const SIMPLE_WRITERS: Readonly<Record<string, SimpleWriter>> = {
  tree: { operands: 'none', valued: 'LPIHoT', outputs: ['o'] },
  tee: { operands: 'all' },
  sponge: { operands: 'all' },
  touch: { operands: 'all', valued: 'drt', long: ['date', 'reference', 'time'] },
  truncate: { operands: 'all', valued: 'rs', long: ['reference', 'size'] },
  fallocate: { operands: 'all', valued: 'lo', long: ['length', 'offset'] },
  shred: { operands: 'all', valued: 'ns', long: ['iterations', 'size', 'random-source'] },
  mkdir: { operands: 'all', valued: 'm', long: ['mode'], makes: true },
  mkfifo: { operands: 'all', valued: 'm', long: ['mode'], makes: true },
  rmdir: { operands: 'all' },
  unlink: { operands: 'all' },
  rm: { operands: 'all', below: ['r', 'R', 'recursive'] },
  trash: { operands: 'all', below: true },
  chmod: { operands: 'but-first', scripts: ['reference'], below: ['R', 'recursive'] },
  chown: { operands: 'but-first', scripts: ['reference'], below: ['R', 'recursive'] },
  chgrp: { operands: 'but-first', scripts: ['reference'], below: ['R', 'recursive'] },
  sed: {
    ...IN_PLACE,
    operands: 'but-first',
    scripts: ['e', 'expression', 'f', 'file'],
    valued: 'efl',
    attached: 'i',
    long: ['expression', 'file', 'line-length'],
  },
  perl: { ...IN_PLACE, operands: 'but-first', scripts: ['e', 'E'], valued: 'eEIMmxCF', attached: 'i0ld' },
  ruby: { ...IN_PLACE, operands: 'but-first', scripts: ['e'], valued: 'eIrEK', attached: 'i0' },
  yq: { ...IN_PLACE, operands: 'but-first', valued: 'opIs', long: ['output-format', 'input-format', 'indent'] },
  'clang-format': IN_PLACE,
  autopep8: { ...IN_PLACE, valued: 'jap', below: ['r', 'recursive'] },
  prettier: {
    operands: 'all',
    only: ['write', 'w'],
    below: true,
    long: ['config', 'ignore-path', 'parser', 'plugin', 'log-level'],
  },
  eslint: {
    operands: 'all',
    only: ['fix'],
    below: true,
    valued: 'cfo',
    outputs: ['o', 'output-file'],
    long: ['config', 'format', 'output-file', 'ext', 'rule', 'parser', 'ignore-path', 'max-warnings'],
  },
  oxfmt: { ...FORMATTER, never: ['check', 'c', 'list-different'] },
  gofmt: { operands: 'all', only: ['w'], below: true, valued: 'r' },
  rustfmt: { ...FORMATTER, never: ['check'], long: ['edition', 'config', 'config-path'] },
  black: {
    ...FORMATTER,
    never: ['check', 'diff'],
    valued: 'clt',
    long: ['code', 'line-length', 'target-version', 'config'],
  },
  isort: { ...FORMATTER, never: ['check', 'check-only', 'c', 'diff'] },
  ed: { operands: 'all', valued: 'p' },
  ex: { operands: 'all', valued: 'cST' },
  vim: { operands: 'all', valued: 'cST', never: ['R', 'M'] },
  vi: { operands: 'all', valued: 'cST', never: ['R'] },
  nvim: { operands: 'all', valued: 'cST', never: ['R', 'M'], long: ['cmd'] },
  nano: { operands: 'all', valued: 'T', never: ['v', 'view'] },
  gzip: { ...PACKER, valued: 'S' },
  gunzip: { ...PACKER, valued: 'S' },
  bzip2: PACKER,
  bunzip2: PACKER,
  xz: { ...PACKER, valued: 'T' },
  unxz: { ...PACKER, valued: 'T' },
  zip: { operands: 'all', valued: 'xiOnP' },
  shuf: { operands: 'none', valued: 'eino', outputs: ['o', 'output'], long: ['output', 'head-count', 'input-range'] },
  iconv: { operands: 'none', valued: 'fto', outputs: ['o', 'output'], long: ['output', 'from-code', 'to-code'] },
  objcopy: { operands: 'last', valued: 'IOBjRFNKGLW' },
  strip: { operands: 'all', valued: 'oRNKF', outputs: ['o'] },
  mknod: { operands: 'first', valued: 'mZ', long: ['mode'] },
  rename: { operands: 'but-first', valued: 'e', scripts: ['e'], never: ['n', 'no-act'] },
  link: { operands: 'all' },
  dos2unix: { operands: 'all' },
  unix2dos: { operands: 'all' },
  sort: { operands: 'none', valued: 'okStT', outputs: ['o', 'output'], long: ['output', 'key', 'field-separator'] },
  uniq: { operands: 'second', valued: 'fsw' },
  curl: {
    operands: 'none',
    valued: 'oXHdFubAeDcKTmrxyYzCEw',
    outputs: ['o', 'output', 'D', 'dump-header', 'c', 'cookie-jar', 'stderr', 'trace', 'trace-ascii'],
    long: [
      'output',
      'dump-header',
      'cookie-jar',
      'stderr',
      'trace',
      'trace-ascii',
      'request',
      'header',
      'data',
      'user',
      'output-dir',
      'url',
      'form',
      'max-time',
      'retry',
    ],
  },
  wget: {
    operands: 'none',
    valued: 'OoaPUteTwQiBlADRX',
    outputs: ['O', 'output-document', 'o', 'output-file', 'a', 'append-output'],
    long: ['output-document', 'output-file', 'append-output', 'directory-prefix'],
  },
  gcc: { operands: 'none', valued: 'oIlLDx', outputs: ['o'] },
  cc: { operands: 'none', valued: 'oIlLDx', outputs: ['o'] },
  pandoc: { operands: 'none', valued: 'oftV', outputs: ['o', 'output'], long: ['output', 'from', 'to', 'template'] },
  script: { operands: 'all', valued: 'cEIOTBmo' },
  'ssh-keygen': { operands: 'none', valued: 'ftbCNP', outputs: ['f'] },
  esbuild: { operands: 'none', outputs: ['outfile', 'outdir'] },
}
