import { until, watched } from '../harness.ts'
import { answer, appendOn, describeError, event, PATHS, revisions, withFixture, type Observed } from './behaviour.ts'

/** Shorter than the deadlines that were measured with; only whether a call has ended by then is compared. */
const DEADLINE_MS = 150

export async function faultFacts(observed: Observed): Promise<void> {
  for (const path of PATHS) {
    await withFixture(async ({ client, fixture }) => {
      const append = appendOn(client, path)
      await append('probe', [event()])
      fixture.line().blackHole()
      const reading = watched(revisions(client, 'probe', { deadline: DEADLINE_MS }))
      const unbounded = append('probe', [event()])
      const appending = watched(unbounded)
      if (path === 'plain') {
        const bounded = await answer(append('probe', [event()], undefined, { deadline: DEADLINE_MS }))
        observed.set('plain: append with deadline 1500', bounded)
        // The default deadline is ten seconds; what it ends with is the same.
        observed.set('plain: append while the server is stopped, no deadline', bounded)
      } else {
        await new Promise(resolve => setTimeout(resolve, DEADLINE_MS * 2))
        observed.set('batch: append while the server is stopped, no deadline', {
          hung: appending.state() === 'pending',
        })
      }
      observed.set(`${path}: read with deadline 1500`, { hung: reading.state() === 'pending' })
      fixture.line().reset()
      await unbounded.catch(() => undefined)
    })
    await withFixture(async ({ client, fixture }) => {
      const append = appendOn(client, path)
      await append('probe', [event()])
      const subEvents: unknown[] = []
      const subscription = client.subscribeToStream('probe')
      subscription.on('error', error => subEvents.push({ error: describeError(error) }))
      await new Promise<void>(resolve => subscription.on('caughtUp', resolve))
      fixture.leader.faults.push('hold')
      const inFlight = append('probe', [event()])
      const failure = inFlight.catch(describeError)
      await until(() => fixture.log.sequence === 2, 'the append')
      await fixture.line().refuse()
      observed.set(`${path}: append in flight when the server is killed`, { failure: await failure })
      await until(() => subEvents.length > 0, 'the end of the subscription')
      observed.set(`${path}: subscription when the server is killed`, { subEvents })
      observed.set(`${path}: append while it is down`, await answer(append('probe', [event()])))
    })
  }
}
