import { guardedRoot, installedGuards } from '@holdfast/engine/write-guard'
import { instantOf } from '@holdfast/projections'
import { workingFolder } from '../input/working-folder.ts'
import { plain } from '../print/plain.ts'
import { obstruction, type Examination } from './examination.ts'

/** The guard's entries in this work tree: one that cannot run guards nothing, or stops every commit. */
export const hooks: Examination = async ({ shell: { typed } }) => {
  const guards = await installedGuards(guardedRoot(undefined, workingFolder()))
  const broken = guards.filter(({ fault }) => fault !== null)
  const found = broken.map(({ hook, file, fault, sinceMs }) => {
    const where = hook === 'git' ? ({ git: true } as const) : ({ agent: hook } as const)
    const command = typed.call('guard', ['install'], where)
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
