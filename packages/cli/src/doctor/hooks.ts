import { guardedRoot, installedGuards } from '@holdfast/engine/write-guard'
import { instantOf } from '@holdfast/projections'
import { workingFolder } from '../input/environment.ts'
import { plain } from '../print/plain.ts'
import { shellWord } from '../print/shell-word.ts'
import { obstruction, type Examination } from './examination.ts'

/**
 * The guard's entries in this repository: one that cannot run guards nothing, or stops every commit; one that is gone, or that
 * a submodule or work tree which came later has not got, lets everything through.
 */
export const hooks: Examination = async ({ shell: { typed } }) => {
  const root = guardedRoot(undefined, workingFolder())
  const guards = await installedGuards(root)
  const broken = guards.filter(({ fault }) => fault !== null)
  const found = broken.map(({ hook, file, tree, fault, sinceMs, program }) => {
    const isHere = tree === root
    const flags = {
      ...(hook === 'git' ? ({ git: true } as const) : { agent: hook }),
      ...(program === undefined ? {} : { command: program }),
    }
    const line = typed.call('guard', ['install'], flags, typed.placeFlags({ elsewhere: !isHere }))
    const command = isHere ? line : `cd ${shellWord(tree)} && ${line}`
    return {
      subject: file,
      text: `the guard in ${plain(file)} does not run: ${plain(fault ?? '')}`,
      since: sinceMs === null ? null : instantOf(sinceMs),
      until: null,
      next: [{ action: 'repair' as const, text: 'enter it anew', command }],
    }
  })
  return [obstruction('hooks', found)]
}
