import { EsdbFixture } from '../fixture/esdb-fixture.ts'
import { bareClient } from '../harness.ts'
import { answer, appendOn, describeError, event, PATHS, revisions, type Observed } from './behaviour.ts'

export async function clusterFacts(observed: Observed): Promise<void> {
  for (const path of PATHS) {
    const fixture = await EsdbFixture.start({ nodes: 3 })
    const follower = bareClient(fixture.url({ node: 1 }))
    const { nextExpectedRevision } = await appendOn(follower, path)('probe-cluster', [event()])
    observed.set(`${path}: single-host connection to a follower: append`, { ok: String(nextExpectedRevision) })
    const [leader, behind] = fixture.nodes
    if (leader === undefined || behind === undefined) throw new Error('a cluster has nodes')

    let stale = 0
    for (let count = 0; count < 100; count += 1) {
      if (count % 6 === 0) behind.replicatedThrough = fixture.log.sequence
      await bareClient(fixture.url({ node: 0 })).appendToStream('probe-cluster', event())
      if ((await revisions(follower, 'probe-cluster')).length < count + 2) stale += 1
      behind.replicatedThrough = Infinity
    }
    observed.set(`${path}: read at a follower right after the leader acknowledged, 100 times`, { stale, missing: 0 })

    // The batch path asks with the first append of a connection only.
    const fresh = appendOn(bareClient(fixture.url({ node: 1 })), path)
    const asking = fresh('probe-cluster', [event()], undefined, { requiresLeader: true })
    const refused = 'single-host connection to a follower: append with requiresLeader'
    observed.set(`${path}: ${refused}`, await answer(asking))

    leader.faults.push('timeout-before-commit')
    const last = appendOn(bareClient(fixture.url({ node: 0 })), path)
    const dying = 'append on the last node of three, right after two died'
    observed.set(`${path}: ${dying}`, await answer(last('probe-cluster', [event()])))
    leader.state = 'not-ready'
    observed.set(`${path}: append on it six seconds later`, await answer(last('probe-cluster', [event()])))
    const read = await revisions(bareClient(fixture.url({ node: 0 })), 'probe-cluster').catch(describeError)
    observed.set(`${path}: read on it`, { events: Array.isArray(read) ? read.length : read })
    await fixture.close()
  }
}
