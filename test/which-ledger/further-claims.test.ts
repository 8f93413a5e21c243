import { AcquireAnswer, DoctorAnswer } from 'holdfast/schemas'
import { openLeanLedger } from '@holdfast/engine/lean'
import { ledgersOver, ledgersToAsk } from '@holdfast/engine/write-guard'
import { describe, expect, it } from 'vitest'
import { Scene } from './scene.ts'

async function lease(scene: Scene, folder: string, holder: string, region: string): Promise<string> {
  await using ledger = await openLeanLedger(undefined, { folder: scene.path(folder) })
  const outcome = await ledger.acquire({ lane: holder, holder, region: [region], ttl: '1h' })
  expect(outcome.outcome).toBe('granted')
  return ledger.url
}

describe('acquire tells what the guard will refuse', () => {
  it('where the ledger around a nested repository, or the one in it, covers the region', async () => {
    using scene = new Scene()
    scene.repository('outer')
    scene.repository('outer/vendor/inner')
    const around = await lease(scene, 'outer', 'agent-1', 'vendor/**')
    await lease(scene, 'outer/vendor/inner', 'agent-2', 'docs/**')
    const inner = AcquireAnswer.parse(
      (await scene.acquire('outer/vendor/inner', 'x', 'b', '--region', 'src/**')).answer,
    )
    expect(inner).toMatchObject({ outcome: 'granted', warnings: [expect.stringContaining(`agent-1@1`)] })
    expect(inner.warnings?.[0]).toContain(around)
    const outer = AcquireAnswer.parse(
      (await scene.acquire('outer', 'x', 'agent-1', '--region', 'vendor/inner/docs')).answer,
    )
    expect(outer.outcome).toBe('refused')
    expect(outer.warnings?.at(-1)).toContain('agent-2 has agent-2@1')
    // What was ended by force is believed in for a while, and the guard refuses there.
    await using inside = await openLeanLedger(undefined, { folder: scene.path('outer/vendor/inner') })
    expect(await inside.scavenge({ lane: 'agent-2', token: 1, force: true })).toMatchObject({ outcome: 'scavenged' })
    const drained = await scene.acquire('outer', 'z', 'agent-1', '--region', 'vendor/inner/docs')
    expect(AcquireAnswer.parse(drained.answer).warnings?.at(-1)).toContain('agent-2 may still believe in agent-2@1')
    const free = AcquireAnswer.parse(
      (await scene.acquire('outer/vendor/inner', 'y', 'agent-1', '--region', 'lib/**')).answer,
    )
    expect(free.warnings).toBeUndefined()
  })

  it('where a work tree inside this one holds it in the same ledger', async () => {
    using scene = new Scene()
    scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '.trees/side')
    await lease(scene, 'main/.trees/side', 'agent-1', 'src/**')
    const told = AcquireAnswer.parse((await scene.acquire('main', 'x', 'b', '--region', '.trees/side/src/**')).answer)
    expect(told.outcome).toBe('granted')
    expect(told.warnings?.at(-1)).toContain('agent-1@1')
  })
})

describe('a nested repository that becomes a submodule', () => {
  it('leaves its ledger in sight: the guard asks it, acquire and doctor tell of it, absorbed or not', async () => {
    using scene = new Scene()
    const top = scene.repository('top')
    const lib = scene.repository('top/lib')
    const former = await lease(scene, 'top/lib', 'agent-1', 'src/**')
    scene.git('top', 'submodule', '--quiet', 'add', './lib', 'lib')
    scene.git('top', 'commit', '-q', '-m', 'lib')
    const paths = [{ given: 'lib/src/x', inside: ['lib/src/x'], outside: [] }]
    const asked = () => ledgersToAsk(scene.which('top'), { root: top, paths, staged: false })
    expect(scene.which('top/lib')).toMatchObject({
      root: top,
      others: [former],
      surrounding: [{ url: former, root: lib }],
    })
    expect(asked()).toMatchObject([{ url: former, root: lib, paths: [{ inside: ['src/x'] }] }])
    // Also from a wildcard above it.
    expect(ledgersOver(scene.which('top'), ['**'])).toEqual([{ url: former, root: lib }])
    const granted = AcquireAnswer.parse((await scene.acquire('top', 'x', 'b', '--region', 'lib/**')).answer)
    expect(granted).toMatchObject({ outcome: 'granted', warnings: [expect.stringContaining('agent-1@1')] })
    const doctor = DoctorAnswer.parse((await scene.holdfast('top', ['doctor', '--json'])).answer)
    expect(doctor).toMatchObject({ inTheWay: [{ check: 'two ledgers', subject: former }] })

    scene.git('top', 'submodule', '--quiet', 'absorbgitdirs')
    const absorbed = `sqlite:${top}/.git/modules/lib/holdfast/ledger.db`
    expect(asked()).toMatchObject([{ url: absorbed, root: lib }])
    expect(scene.which('top/lib')).toMatchObject({ others: [absorbed] })
  })
})
