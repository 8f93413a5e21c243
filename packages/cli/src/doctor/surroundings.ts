import { identify } from '@holdfast/engine/lean'
import { finding, type Examination } from './examination.ts'

/** The oldest Node that has all that the published packages use. */
const NODE_MAJOR_MIN = 24

/** What the machine lacks. */
export const surroundings: Examination = () => {
  const major = Number(process.versions.node.split('.')[0])
  const own = identify(process.pid)
  const blind = own === null || own.bootId === null || own.processStart === null ? 1 : 0
  return [
    finding(
      'node',
      major < NODE_MAJOR_MIN ? 1 : 0,
      `Node ${process.versions.node} runs this; install ${NODE_MAJOR_MIN} or newer.`,
    ),
    finding(
      'processes',
      blind,
      'Processes cannot be told apart on this system: their deaths stay unknown, and leases end by expiry.',
    ),
  ]
}
