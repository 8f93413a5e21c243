import { existsSync } from 'node:fs'
import { openLedger } from '@holdfast/engine'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Scene } from './scene.ts'

afterEach(() => vi.unstubAllEnvs())

describe('openLedger without a URL', () => {
  it('opens what the command line would mean in that folder, and makes it as a first write does', async () => {
    using scene = new Scene()
    const main = scene.repository('main')
    scene.git('main', 'worktree', 'add', '-q', '../linked')
    await using made = await openLedger(undefined, { folder: main })
    expect({ url: made.url, made: made.made }).toEqual({ url: `sqlite:${main}/.git/holdfast/ledger.db`, made: true })
    await using other = await openLedger(undefined, { folder: scene.path('linked') })
    expect({ id: other.ledgerId, made: other.made }).toEqual({ id: made.ledgerId, made: false })
  })

  it('makes nothing that HOLDFAST_STORE names, unless told to', async () => {
    using scene = new Scene()
    const path = scene.path('team.db')
    vi.stubEnv('HOLDFAST_STORE', `sqlite:${path}`)
    const folder = scene.root
    await expect(openLedger(undefined, { folder })).rejects.toMatchObject({ code: 'no-ledger' })
    expect(existsSync(path)).toBe(false)
    await using ledger = await openLedger(undefined, { folder, create: 'always' })
    expect(ledger.made).toBe(true)
  })

  it('refuses a ledger of another id than HOLDFAST_LEDGER_ID asks for, and makes none then', async () => {
    using scene = new Scene()
    vi.stubEnv('HOLDFAST_LEDGER_ID', 'another')
    await expect(openLedger(undefined, { folder: scene.root })).rejects.toMatchObject({ code: 'foreign' })
    expect(existsSync(scene.path('.holdfast'))).toBe(false)
    await using ledger = await openLedger(`sqlite:${scene.path('.holdfast/ledger.db')}`)
    await expect(openLedger(undefined, { folder: scene.root })).rejects.toMatchObject({ code: 'foreign' })
    vi.stubEnv('HOLDFAST_LEDGER_ID', ledger.ledgerId)
    await using same = await openLedger(undefined, { folder: scene.root })
    expect(same.ledgerId).toBe(ledger.ledgerId)
  })
})

it('a URL that is given is made by default, and with never it is not', async () => {
  using scene = new Scene()
  const url = `sqlite:${scene.path('given.db')}`
  await expect(openLedger(url, { create: 'never' })).rejects.toMatchObject({ code: 'no-ledger' })
  await using ledger = await openLedger(url)
  expect(ledger.made).toBe(true)
  await expect(openLedger(url, { create: 'never', ledger: 'other' })).rejects.toMatchObject({ code: 'no-ledger' })
})
