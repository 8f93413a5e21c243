// Real processes that give commands to one ledger on EventStoreDB:
//   node bench/contention/eventstoredb.ts [processes] [commands in flight in each] [seconds]
// On the fixture with a real server's times, or on the server that HOLDFAST_TEST_ESDB names.
import { measuredServer } from '../eventstoredb-server.ts'
import { measureRivals } from './rivals.ts'

const [processes = 2, inFlight = 4, seconds = 5] = process.argv.slice(2).map(Number)
const server = await measuredServer()
await measureRivals({ url: server.url, processes, inFlight, seconds })
await server.close()
