import { uptime } from 'node:os'
import { expect, test } from 'vitest'
import { parseUptimeMs, uptimeMs } from './uptime.ts'

const read = (line: string): number => parseUptimeMs(Buffer.from(line))

test('an uptime is read as os.uptime reads it', () => {
  for (const seconds of ['0.00', '0.01', '9.99', '65320.03', '99999999.90'])
    expect(read(`${seconds} 25126.30\n`)).toBe(Math.round(Number(seconds) * 1000))
})

test('what is no uptime is no number', () => {
  for (const line of [
    '',
    '12',
    '12.5 1.00\n',
    '12.345 1.00\n',
    '.50 1.00\n',
    '-1.00 1.00\n',
    '1x.00 1.00\n',
    '12.3x 1.00\n',
    '12.34',
  ])
    expect(read(line), line).toBeNaN()
})

test('the uptime lies between two of os.uptime, and does not go back', () => {
  let beforeMs = 0
  for (let readings = 0; readings < 100; readings += 1) {
    const earliestMs = Math.round(uptime() * 1000)
    const nowMs = uptimeMs()
    expect(nowMs).toBeGreaterThanOrEqual(Math.max(earliestMs, beforeMs))
    expect(nowMs).toBeLessThanOrEqual(Math.round(uptime() * 1000))
    beforeMs = nowMs
  }
})
