import { join } from 'node:path'

/** The command line as it runs from its sources. */
export const SOURCE_COMMAND = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'holdfast.js')

/**
 * The file to start for the real command line: the bundle as it is published, which starts in half the time of the
 * sources, made by `build-command.ts` before the tests. The sources themselves where nothing was built.
 */
export const COMMAND = process.env['HOLDFAST_TEST_COMMAND'] ?? SOURCE_COMMAND
