// The fixture in a process of its own, so that the work of a server takes no time from whoever is measured. Says its
// address, and ends with its input.
import { EsdbFixture } from '../test/eventstoredb/fixture/esdb-fixture.ts'

/** What a durable append takes on a real server with a disk, on the same machine. */
const APPEND_MS = 1

const fixture = await EsdbFixture.start()
fixture.leader.appendMs = APPEND_MS
process.stdout.write(`${fixture.url()}\n`)
for await (const _line of process.stdin) {
  // Nothing is asked of it this way.
}
// Node 24.21 can spin for ever when it frees a server whose connections were cut; leaving at once frees nothing.
process.exit()
