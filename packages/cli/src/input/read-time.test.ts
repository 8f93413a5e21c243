import { useLocalTime } from '@holdfast/server/text'
import { afterEach, describe, expect, it } from 'vitest'
import { clock } from '../print/times.ts'
import { historyPoint } from './history-point.ts'
import { readInstant, readTime, takenAs } from './read-time.ts'

const NOW = Date.parse('2026-05-01T12:00:00Z')

/** Reads as on a machine in a zone. Node looks at the variable at each question. */
async function readIn(zone: string, text: string): Promise<string> {
  const before = process.env['TZ']
  process.env['TZ'] = zone
  try {
    return new Date((await readTime(text, 'at', NOW)).atMs).toISOString()
  } finally {
    if (before === undefined) delete process.env['TZ']
    else process.env['TZ'] = before
  }
}

describe('a time that somebody names', () => {
  it.each([
    ['2026-05-01T09:00:00Z', '2026-05-01T09:00:00.000Z'],
    ['2026-05-01T09:00:00.250+05:30', '2026-05-01T03:30:00.250Z'],
    ['2026-05-01T09:00-07:00', '2026-05-01T16:00:00.000Z'],
    // A day is that of UTC, as it always was.
    ['2026-05-01', '2026-05-01T00:00:00.000Z'],
    // Without a zone it is that of the machine: two hours east in summer.
    ['2026-05-01T09:00', '2026-05-01T07:00:00.000Z'],
    ['2026-05-01 09:00:30', '2026-05-01T07:00:30.000Z'],
    ['2026-01-05 09:00', '2026-01-05T08:00:00.000Z'],
    ['13:03', '2026-05-01T11:03:00.000Z'],
    ['yesterday 14:03', '2026-04-30T12:03:00.000Z'],
    ['yesterday at 2pm', '2026-04-30T12:00:00.000Z'],
    ['  2h ago ', '2026-05-01T10:00:00.000Z'],
    ['-2h', '2026-05-01T10:00:00.000Z'],
    ['-1h 30min', '2026-05-01T10:30:00.000Z'],
    ['90s ago', '2026-05-01T11:58:30.000Z'],
    ['3 days ago', '2026-04-28T12:00:00.000Z'],
    ['now', '2026-05-01T12:00:00.000Z'],
  ])('%s', async (text, instant) => {
    expect(await readIn('Europe/Berlin', text)).toBe(instant)
  })

  it('changes its clock with the zone at the day of the question, not of the asking', async () => {
    expect(await readIn('America/New_York', '2026-03-08 01:30')).toBe('2026-03-08T06:30:00.000Z')
    expect(await readIn('America/New_York', '2026-03-08 03:30')).toBe('2026-03-08T07:30:00.000Z')
    expect(await readIn('Asia/Kathmandu', '14:03')).toBe('2026-05-01T08:18:00.000Z')
  })

  it.each([
    '',
    'later',
    'may',
    'today',
    'yesterday',
    'monday',
    '14:03 or so',
    'about 14:03',
    '25:00',
    '14:61',
    '5/1/2026 14:03',
    '01.05.2026 14:03',
    '2026-02-30',
    '2026-02-30T10:00:00Z',
    '2026-02-30T10:00',
    '2026-02-30 10:00',
    '2026-13-01T00:00:00Z',
    '14:03 - 15:03',
    '2h',
    '1e9',
    '__proto__',
    '--json',
  ])('%j is none', async text => {
    await expect(readTime(text, 'at', NOW)).rejects.toThrow(
      /^at: .* is no time; write one like 2026-05-01T14:03:00Z, 14:03/,
    )
  })

  it('says what it was taken as, unless it says so itself', async () => {
    expect(takenAs(await readTime('2h ago', 'at', NOW))).toBe('"2h ago" is 2026-05-01 10:00:00Z')
    expect(takenAs(await readTime('2026-05-01T10:00:00Z', 'at', NOW))).toBeNull()
  })

  it('is ISO alone where something is deleted by it', () => {
    expect(readInstant('2026-05-01', 'before')).toBe(Date.parse('2026-05-01'))
    expect(() => readInstant('2h ago', 'before')).toThrow(
      'before: "2h ago" is no time; write one like 2026-05-01T14:03',
    )
  })
})

describe('a point in a history', () => {
  it('digits alone are a revision, whatever else they could be', async () => {
    expect(await historyPoint('1403', 'at')).toMatchObject({ revision: 1403 })
    expect(await historyPoint('r7', 'at')).toMatchObject({ revision: 7 })
    expect(await historyPoint('2026', 'at')).toMatchObject({ revision: 2026 })
    await expect(historyPoint('-7', 'at')).rejects.toThrow('is no revision')
  })
})

describe('an instant that is told', () => {
  afterEach(() => {
    useLocalTime(false)
    delete process.env['TZ']
  })

  it('is in UTC, or in the zone of the machine with its distance', () => {
    process.env['TZ'] = 'Asia/Kathmandu'
    const atMs = Date.parse('2026-05-01T22:00:30Z')
    expect(clock(atMs)).toBe('2026-05-01 22:00:30Z')
    useLocalTime(true)
    expect(clock(atMs)).toBe('2026-05-02 03:45:30+05:45')
    process.env['TZ'] = 'America/New_York'
    expect(clock(atMs)).toBe('2026-05-01 18:00:30-04:00')
    expect(clock(Date.parse('2026-01-01T00:00:00Z'))).toBe('2025-12-31 19:00:00-05:00')
    process.env['TZ'] = 'UTC'
    expect(clock(atMs)).toBe('2026-05-01 22:00:30Z')
    expect(clock(Number.MAX_SAFE_INTEGER)).toBe('for ever')
  })
})
