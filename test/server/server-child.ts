// A server in a process of its own, as `holdfast serve` is one, without the rest of the command line.
import { serve } from '@holdfast/server'

const [store = ''] = process.argv.slice(2)
const server = await serve({ store, compaction: { automatic: false } })
process.stdout.write(`${server.socket}\n`)
process.on('SIGTERM', () => void server.stop())
const { why } = await server.ended
process.exit(why === 'stopped' ? 0 : 3)
