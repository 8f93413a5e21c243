import { join, relative } from 'node:path'

const TESTS = join(import.meta.dirname, '..')

/** The scripts that tests start again and again: a file in one piece starts in a fraction of the time of its many sources. */
export const BUNDLED = [
  'maintenance/auto-compacting-child.ts',
  'maintenance/compacting-child.ts',
  'server/client-child.ts',
  'which-ledger/command-session.ts',
] as const

/** The file to start for a script of the tests: its bundle, made by `build-command.ts`, or the script itself. */
export function childScript(file: string): string {
  const folder = process.env['HOLDFAST_TEST_SCRIPTS']
  const name = BUNDLED.find(each => each === relative(TESTS, file))
  return folder === undefined || name === undefined ? file : join(folder, bundleName(name))
}

export function bundleName(script: string): string {
  return script.replaceAll('/', '-').replace(/\.ts$/, '.mjs')
}
