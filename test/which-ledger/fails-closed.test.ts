import { once } from 'node:events'
import { existsSync, renameSync, rmSync, watch } from 'node:fs'
import { openLeanLedger, type HeldLease } from '@holdfast/engine/lean'
import { moveLedger } from '@holdfast/engine/maintenance'
import { openStore } from '@holdfast/store'
import { FailureAnswer } from 'holdfast/schemas'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'

describe('a ledger that has moved', () => {
  it('is refused by the library, and by the guard as an agent asks it', async () => {
    using scene = new Scene()
    await using ledger = await openLeanLedger(`sqlite:${scene.path('.holdfast/ledger.db')}`)
    expect(await ledger.acquire({ lane: 'api', holder: 'a', region: ['src/**'] })).toMatchObject({ outcome: 'granted' })
    await using target = await openStore(`sqlite:${scene.path('new.db')}`)
    await moveLedger(ledger, target)
    const hook = await scene.holdfast('.', ['guard', 'check', '--hook', 'git'])
    expect(hook.exitCode).toBe(1)
    await expect(openLeanLedger(undefined, { folder: scene.root })).rejects.toMatchObject({ code: 'moved' })
    await expect(ledger.check('api', 1)).rejects.toMatchObject({ code: 'moved' })
    await expect(ledger.leases()).rejects.toMatchObject({ code: 'moved' })
  })
})

describe('HOLDFAST_LEDGER_ID', () => {
  it('makes every command and the library refuse another ledger, and no command makes one', async () => {
    using scene = new Scene()
    const env = { HOLDFAST_LEDGER_ID: '11111111-1111-4111-8111-111111111111' }
    const first = await scene.holdfast('.', ['acquire', 'api', '--holder', 'a', '--json'], env)
    expect([first.exitCode, FailureAnswer.parse(first.answer).error.code]).toEqual([6, 'foreign'])
    expect(existsSync(scene.path('.holdfast'))).toBe(false)
    await scene.acquire('.', 'api', 'a')
    for (const args of [['leases'], ['acquire', 'x', '--holder', 'a'], ['log'], ['guard', 'check', 'x'], ['verify']]) {
      const told = await scene.holdfast('.', [...args, '--json'], env)
      expect([args, told.exitCode, FailureAnswer.parse(told.answer).error.code]).toEqual([args, 6, 'foreign'])
    }
  })

  it('is what run tells its child, whose own commands then use that ledger', async () => {
    using scene = new Scene()
    await scene.acquire('.', 'web', 'a')
    const print = ['run', 'api', '--holder', 'a', '--', 'sh', '-c', 'echo "$HOLDFAST_LEDGER_ID"']
    const { stdout } = await scene.holdfast('.', print)
    const { answer } = await scene.holdfast('.', ['leases', '--json'])
    expect(answer).toMatchObject({ ledgerId: stdout.trim() })
  })
})

describe('a store whose file is replaced under a holder', () => {
  const swaps: readonly (readonly [string, (scene: Scene) => Promise<void>, RegExp])[] = [
    [
      'by another ledger',
      async scene => {
        for (const suffix of ['-wal', '-shm', '.head']) rmSync(scene.path(`ledger.db${suffix}`), { force: true })
        await scene.store('other.db')
        renameSync(scene.path('other.db'), scene.path('ledger.db'))
      },
      /replaced while it was open: .*ledger\.db is another file now/,
    ],
    ['by nothing', async scene => rmSync(scene.path('ledger.db')), /replaced while it was open: .*ledger\.db is gone/],
  ]

  it.each(swaps)(
    '%s: the handle is lost at once and says why; nothing that it reads is believed',
    async (_, swap, why) => {
      using scene = new Scene()
      await using ledger = await openLeanLedger(`sqlite:${scene.path('ledger.db')}`)
      const asked = await ledger.hold({ lane: 'api', holder: 'a', ttl: '10m', beatEvery: '20ms' })
      if (asked.outcome !== 'granted') throw new Error(asked.outcome)
      const { lease } = asked
      await lease.beat()
      await swap(scene)
      await lost(lease)
      expect(lease.signal.reason).toMatchObject({ code: 'store-replaced' })
      expect(String(lease.signal.reason)).toMatch(why)
      expect(lease.isHeld).toBe(false)
      await expect(ledger.check('api', lease.token)).rejects.toMatchObject({ code: 'unavailable', detail: 'replaced' })
    },
  )

  it('is what run says when it stops its child', async () => {
    using scene = new Scene()
    const path = await scene.store('ledger.db')
    await using ledger = await openLeanLedger(`sqlite:${path}`)
    expect(ledger.made).toBe(true)
    const words = ['run', 'api', '--holder', 'a', '--ttl', '3s', '--', 'sh', '-c', 'touch began; exec sleep 60']
    const watching = watch(scene.root)
    const began = new Promise<void>(resolve => {
      watching.on('change', (_event, name) => {
        if (name === 'began') resolve()
      })
    })
    const running = scene.holdfast('.', words, { HOLDFAST_STORE: `sqlite:${path}` })
    await Promise.race([began, running])
    watching.close()
    await scene.store('other.db')
    renameSync(scene.path('other.db'), path)
    const { exitCode, stderr } = await running
    expect(stderr).toContain('replaced while it was open')
    expect(exitCode).toBe(123)
  })
})

async function lost({ signal }: HeldLease): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
