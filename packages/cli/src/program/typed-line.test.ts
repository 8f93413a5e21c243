import { describe, expect, it } from 'vitest'
import { TypedLine } from './typed-line.ts'

const NOWHERE = { ledger: 'default' }

describe('a line that is suggested', () => {
  it('is the typed one with another flag, which stands before the child’s own words', () => {
    const typed = new TypedLine(['run', 'api', '--wait', '1s', '--holder=a', '--', 'x', '--wait', '9s'], () => NOWHERE)
    expect(typed.again({ wait: '10m' })).toBe('holdfast run api --holder=a --wait 10m -- x --wait 9s')
    expect(typed.again({ force: true })).toBe('holdfast run api --wait 1s --holder=a --force -- x --wait 9s')
  })

  it('names store and configuration as they are in another folder, where it is pasted there', () => {
    const typed = new TypedLine([], () => ({ store: 'sqlite:l.db', ledger: 'default', config: 'c.json' }))
    const place = typed.placeFlags({ elsewhere: true })
    expect(place).toEqual({ store: `sqlite:${process.cwd()}/l.db`, config: `${process.cwd()}/c.json` })
    expect(typed.call('why', ['x'], { holder: '-y' })).toBe(
      'holdfast why x --holder=-y --store sqlite:l.db --config c.json',
    )
  })

  it('names the ledger that was named, and takes a lane like a flag for none', () => {
    const typed = new TypedLine([], () => ({ store: 'sqlite:a b.db', ledger: 'staging' }))
    expect(typed.call('wait', ['-x'])).toBe("holdfast wait --store 'sqlite:a b.db' --ledger staging -- -x")
    expect(new TypedLine([], () => NOWHERE).call('halt', ['op'], { lease: 'a@1' })).toBe('holdfast halt op --lease a@1')
  })
})
