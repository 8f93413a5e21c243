import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

it('a few questions about the past run at once, others wait, and too many are told so', async () => {
  const turns = new Turns()
  const { signal } = new AbortController()
  const end = Promise.withResolvers<undefined>()
  const [running, done] = [new Set<number>(), new Set<number>()]
  let most = 0
  const asked = Array.from({ length: 80 }, (_, one) =>
    turns.take(signal, async () => {
      most = Math.max(most, running.add(one).size)
      await end.promise
      running.delete(one)
      done.add(one)
    }),
  )
  const settled = Promise.allSettled(asked)
  await expect(turns.take(AbortSignal.abort(), () => Promise.resolve())).rejects.toMatchObject({ code: 'busy' })
  end.resolve(undefined)
  const failed = (await settled).filter(({ status }) => status === 'rejected')
  expect([most, done.size, failed.length]).toEqual([4, 68, 12])
  // Whoever failed, or is gone, leaves its turn to the next.
  for (let again = 0; again < 6; again += 1) {
    await expect(turns.take(signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(turns.take(AbortSignal.abort(), () => Promise.resolve())).rejects.toMatchObject({ code: 'closing' })
  }
  expect(await turns.take(signal, () => Promise.resolve('yes'))).toBe('yes')
})
