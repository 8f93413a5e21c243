// A runner that is killed between starting its child and recording it.
//   node die-before-record.ts MARKER
import { GatedChild } from '../../../packages/engine/src/run/gated-child.ts'

const [marker = ''] = process.argv.slice(2)
const child = await GatedChild.start({ command: ['touch', marker], env: process.env, ownGroup: true })
process.stdout.write(`${child.identity.pid}\n`, () => process.kill(process.pid, 'SIGKILL'))
