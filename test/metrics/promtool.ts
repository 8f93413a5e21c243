import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Prometheus' own checker (Debian's package `prometheus`); `null` where it is not installed. */
export const promtool: string | null =
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map(folder => join(folder, 'promtool'))
    .find(file => existsSync(file)) ?? null
