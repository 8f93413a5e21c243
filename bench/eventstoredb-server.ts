import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface MeasuredServer {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Names what is measured, for titles. */
export const MEASURED =
  process.env['HOLDFAST_TEST_ESDB'] === undefined ? 'EventStoreDB (fixture)' : 'a real EventStoreDB'

/** The server that HOLDFAST_TEST_ESDB names, else the fixture with a real server's times, in a process of its own. */
export async function measuredServer(): Promise<MeasuredServer> {
  const realUrl = process.env['HOLDFAST_TEST_ESDB']
  if (realUrl !== undefined) return { url: realUrl, close: () => Promise.resolve() }
  const child = spawn(process.execPath, [join(import.meta.dirname, 'eventstoredb-fixture-child.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const { value: url } = await createInterface(child.stdout)[Symbol.asyncIterator]().next()
  if (typeof url !== 'string') throw new Error('the fixture did not start')
  return {
    url,
    close: async () => {
      child.stdin.end()
      await ended
    },
  }
}

/** A ledger name that a real server has not seen. */
export function newLedgerName(): string {
  return `bench-${process.pid}-${Date.now().toString(36)}`
}
