import { expect, it } from 'vitest'
import { Holdfast } from './holdfast.ts'

it('a shell that ran for a while and then became holdfast makes a ledger for everybody', async () => {
  const holdfast = new Holdfast()
  // Longer than two origins of the boot clock may be apart (ORIGIN_TOLERANCE_MS).
  const told = await holdfast.bash('sleep 2.5; exec "$HOLDFAST_COMMAND" acquire api --holder a --ttl 1h')
  expect(told).toMatchObject({ exitCode: 0 })
  expect(await holdfast.ask('acquire', 'docs', '--holder', 'b')).toMatchObject({
    exitCode: 0,
    answer: { outcome: 'granted' },
  })
})
