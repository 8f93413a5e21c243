import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { IS_ROOT, Refused, User } from './harness/user.ts'

const [ALICE, BOB, CAROL, GROUP] = [5001, 5002, 5003, 6001]

// Needs root, who alone can start processes of others: skipped else.
describe.skipIf(!IS_ROOT)('a store and several users', () => {
  let alice: User
  let bob: User
  let carol: User
  let folder: string
  let path: string

  beforeAll(async () => {
    ;[alice, bob, carol] = await Promise.all([
      User.begin(ALICE, [GROUP]),
      User.begin(BOB, [GROUP]),
      User.begin(CAROL, []),
    ])
  })
  afterAll(() => Promise.all([alice, bob, carol].map(user => user[Symbol.asyncDispose]())))

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-users-'))
    chmodSync(folder, 0o755)
    mkdirSync(join(folder, 'team'))
    chownSync(join(folder, 'team'), ALICE, GROUP)
    chmodSync(join(folder, 'team'), 0o2775)
    path = join(folder, 'team', 'ledger.db')
    for (const user of [alice, bob]) await user.does('umask', { number: 0o022 })
  })
  afterEach(async () => {
    await Promise.all([alice, bob, carol].map(user => user.does('close')))
    rmSync(folder, { recursive: true, force: true })
  })

  /** Alice's ledger with one event in it, closed, its files as an older version or a `chmod` left them. */
  async function ledgerOfMode(mode: number): Promise<void> {
    await alice.does('open', { path })
    await alice.does('append')
    await alice.does('close')
    for (const name of readdirSync(join(folder, 'team'))) {
      chownSync(join(folder, 'team', name), ALICE, GROUP)
      chmodSync(join(folder, 'team', name), mode)
    }
  }

  /** Name, owner, group and mode of all that lies in the folder. */
  function files(): readonly string[] {
    const place = join(folder, 'team')
    return readdirSync(place).map(name => {
      const { uid, gid, mode } = statSync(join(place, name))
      return `${name.replace('ledger.db', '')} ${uid} ${gid} ${(mode & 0o7777).toString(8)}`
    })
  }

  async function refusal(work: Promise<unknown>): Promise<string> {
    try {
      return `done: ${JSON.stringify(await work)}`
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return `${error.code}: ${error.message}`
    }
  }

  it('belongs to its maker alone, whatever the umask, and others are refused with the reason', async () => {
    await alice.does('umask', { number: 0 })
    await alice.does('open', { path })
    await alice.does('append')
    await alice.does('snapshot')
    expect(new Set(files().map(file => file.split(' ').at(-1)))).toEqual(new Set(['600', '700']))
    const reason = `${path} belongs to user ${ALICE} and group ${GROUP}, with mode 0600: user ${BOB} may not read it.`
    expect(await refusal(bob.does('open', { path }))).toContain(`unavailable: ${reason}`)
    chmodSync(join(folder, 'team'), 0o700)
    expect(await refusal(bob.does('open', { path }))).toMatch(
      /^unavailable: .*team belongs to user 5001 .* user 5002 may not enter it\. .*init --shared GROUP/,
    )
  })

  it('is still its owner’s after somebody who may only read has asked, followed and copied it', async () => {
    await ledgerOfMode(0o644)
    const before = files()
    await bob.does('open', { path })
    expect(await bob.does('count')).toBe(1)
    await bob.does('now')
    await bob.does('follow')
    await bob.does('snapshot')
    await bob.does('backup', { path: join(folder, 'team', 'backup') })
    rmSync(join(folder, 'team', 'backup'))
    expect(files()).toEqual(before)
    await alice.does('open', { path })
    await alice.does('append')
    expect(await bob.does('followed', { number: 2 })).toBe(2)
    await bob.does('close')
    await alice.does('append')
    await bob.does('open', { path })
    expect(await refusal(bob.does('append'))).toContain('may read it and not write it')
    expect(files().filter(file => file.includes(String(BOB)))).toEqual([])
  })

  it.each([
    ['in use, which is read in place', true],
    ['not in use, which is read from a copy', false],
  ])('answers who may only read, in a folder that is closed to him: %s', async (_what, isInUse) => {
    await ledgerOfMode(0o644)
    chmodSync(join(folder, 'team'), 0o755)
    if (isInUse) await alice.does('open', { path })
    await bob.does('open', { path })
    expect(await bob.does('count')).toBe(1)
    if (!isInUse) await alice.does('open', { path })
    await alice.does('append')
    expect(await bob.does('count')).toBe(2)
    await alice.does('close')
    expect(await bob.does('count')).toBe(2)
    await alice.does('open', { path })
    await alice.does('append')
    expect(await bob.does('count')).toBe(3)
  })

  it('is never read torn, or older than what was acknowledged, beside a writer whose log comes and goes', async () => {
    await alice.does('open', { path })
    await alice.does('close')
    chmodSync(path, 0o644)
    writeFileSync(`${path}.acknowledged`, '0')
    chownSync(`${path}.acknowledged`, ALICE, GROUP)
    const acknowledged = alice.does('write', { path })
    expect(await bob.does('audit', { path, number: 25 })).toBe('')
    chmodSync(join(folder, 'team'), 0o755)
    expect(await bob.does('audit', { path, number: 25 })).toBe('')
    await alice.does('stop')
    expect(Number(await acknowledged)).toBeGreaterThan(0)
  })

  it('is made for a group by sharing it, and stays so whoever makes its files anew', async () => {
    await alice.does('open', { path })
    await alice.does('share', { path, number: GROUP })
    await alice.does('append')
    await alice.does('close')
    for (const setgid of [true, false]) {
      if (!setgid) chmodSync(join(folder, 'team'), 0o770)
      await bob.does('umask', { number: 0o077 })
      for (const name of ['.head', '.notify', '.queue', '.snap', '.wake'])
        rmSync(path + name, { recursive: true, force: true })
      await bob.does('open', { path })
      await bob.does('append')
      await bob.does('snapshot')
      await alice.does('open', { path })
      await alice.does('append')
      await alice.does('snapshot')
      expect(files().filter(file => !/ 6001 (660|2770)$/.test(file))).toEqual([])
      await bob.does('close')
      await alice.does('append')
      await alice.does('close')
    }
    await expect(carol.does('open', { path })).rejects.toMatchObject({ code: 'unavailable' })
    expect(await refusal(bob.does('share', { path, number: GROUP }))).toMatch(
      /^invalid: .*belongs to user 5001, who alone can share it/,
    )
  })

  it('can be written by everybody and yet not by somebody whose files its owner could not use', async () => {
    await ledgerOfMode(0o664)
    chmodSync(join(folder, 'team'), 0o777)
    chownSync(path, ALICE, CAROL)
    await carol.does('open', { path })
    await carol.does('append')
    await carol.does('close')
    await alice.does('open', { path })
    await alice.does('append')
  })

  it('names the files that stand in the way, for its owner and for others', async () => {
    await ledgerOfMode(0o644)
    chownSync(`${path}.head`, BOB, BOB)
    expect(String(await bob.does('inTheWay', { path }))).toMatch(
      /\.head belongs to user 5002 and group 5002, with mode 0644: its owner 5001 cannot write it$/,
    )
    await alice.does('open', { path })
    await alice.does('close')
    await bob.does('umask', { number: 0o022 })
    chownSync(`${path}.head`, ALICE, GROUP)
    rmSync(`${path}-wal`, { force: true })
    mkdirSync(`${path}-shm`)
    chownSync(`${path}-shm`, BOB, BOB)
    await alice.does('open', { path })
    expect(await refusal(alice.does('append'))).toMatch(
      /^unavailable: .*-shm belongs to user 5002 .* this user cannot write it\. Nothing was written\. .*chown 5001/,
    )
  })
})
