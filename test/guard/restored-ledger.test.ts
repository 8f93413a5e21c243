import { expect, test } from 'vitest'
import { Scene } from '../which-ledger/scene.ts'

test('the guard of a restored ledger names no lane to wait for: the whole ledger drains', async () => {
  using scene = new Scene()
  scene.repository('main')
  await scene.acquire('main', 'api', 'a', '--region', 'src/**')
  expect((await scene.holdfast('main', ['backup', scene.path('bak')])).exitCode).toBe(0)
  expect((await scene.holdfast('main', ['restore', scene.path('bak'), '--move-aside'])).exitCode).toBe(0)
  const refused = await scene.holdfast('main', ['guard', 'check', '--holder', 'a', 'src/x'])
  expect(refused.exitCode).toBe(3)
  expect(refused.stderr).toContain('the ledger was put back from a backup and drains as a whole')
  expect(refused.stderr).toContain('holdfast doctor')
  expect(refused.stderr).not.toContain('**')
})
