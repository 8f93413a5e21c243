import { expect, it } from 'vitest'
import type { LineageJson } from '@holdfast/projections'
import { eventLine, lineageLines } from '@holdfast/server/text'
import { stripVTControlCharacters } from 'node:util'
import { HttpScene } from '../http/http-scene.ts'

it('the name of the token stands in the words of why, log and history, and nothing where there was none', async () => {
  await using at = await HttpScene.make()
  await using local = await at.scene.open({ server: false })
  const ci = at.token({ name: 'ci', can: ['acquire', 'release', 'read'] })
  const granted = await at.post('acquire', { lane: 'x', holder: 'A', reason: 'to build' }, { token: ci })
  expect(granted.status).toBe(201)
  await at.post('release', { lane: 'x', holder: 'A', token: 1 })
  await local.acquire({ lane: 'x', holder: 'B' })
  const [first = '', second = '', third = ''] = (await at.scene.log()).map(eventLine)
  expect(first).toMatch(/token 1, .*\(to build\), by the access token ci$/)
  expect(second).toMatch(/RELEASE .*, by the access token owner$/)
  expect(third).not.toContain('access token')
  const why = (await at.get('why/x')).json['text'] as readonly string[]
  expect(why.filter(line => line.includes('by the access token ci'))).not.toEqual([])
  expect((await at.get('why/r1')).json['text']).toEqual([expect.stringContaining('by the access token ci')])
  const history = (await at.get('history/x')).json
  const [byTokens, byNone] = history['lineage'] as readonly LineageJson[]
  expect(byTokens).toMatchObject({ owners: [{ accessToken: 'ci' }], end: { accessToken: 'owner' } })
  expect(JSON.stringify(byNone)).not.toContain('accessToken')
  const told = (one: LineageJson | undefined) =>
    one === undefined ? [] : lineageLines(one, Date.now()).map(stripVTControlCharacters)
  expect(told(byTokens)).toEqual([
    'x@1',
    expect.stringMatching(/held by {2}A, .*, by the access token ci \(to build\)$/),
    expect.stringMatching(/released, .*, by the access token owner$/),
  ])
  expect(told(byNone).join()).not.toContain('access token')
})
