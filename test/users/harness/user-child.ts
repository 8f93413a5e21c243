// A process of the user that argv[2] names, as JSON: it opens one store and does with it what its parent asks for.
import { readFileSync, writeFileSync } from 'node:fs'
import type { LogStore } from '@holdfast/store'
import { filesInTheWay, openSqliteStore, shareStore } from '@holdfast/store/sqlite'
import * as z from 'zod'
import { until } from '../../run/harness/processes.ts'
import { beat } from '../../store/harness/events.ts'

const Identity = z.object({ uid: z.int(), gid: z.int(), groups: z.array(z.int()) })
const Order = z.object({ id: z.int(), does: z.string(), path: z.string().default(''), number: z.int().default(0) })

const { uid, gid, groups } = Identity.parse(JSON.parse(process.argv[2] ?? ''))
process.setgroups?.(groups)
process.setgid?.(gid)
process.setuid?.(uid)

const STREAM = 'default'
let opened: LogStore | undefined
let followed = 0
let ended = new AbortController()

function store(): LogStore {
  if (opened === undefined) throw new Error('nothing is open')
  return opened
}

async function count(from: LogStore): Promise<number> {
  let entries = 0
  for await (const batch of from.read(STREAM)) entries += batch.length
  return entries
}

async function follow(): Promise<void> {
  for await (const item of store().subscribe(STREAM, 'none', ended))
    if (item.kind === 'entries') followed += item.entries.length
}

/** Opens, asks and closes again and again: how many answers were older than what was acknowledged before, or damaged. */
async function audit(path: string, rounds: number): Promise<string> {
  const faults: string[] = []
  for (let round = 0; round < rounds; round += 1) {
    const acknowledged = Number(readFileSync(`${path}.acknowledged`, 'utf8'))
    const own = await openSqliteStore({ path, create: false })
    const seen = await count(own)
    if (seen < acknowledged) faults.push(`${seen} of ${acknowledged}`)
    const checks = round % 10 === 0 ? await own.check(STREAM) : []
    for (const { ok, name, severity } of checks) if (!ok && severity === 'fault') faults.push(name)
    await own.close()
  }
  return faults.join('; ')
}

/** Appends until it is told to stop, and closes now and then, so that the log comes and goes. */
const writing = new AbortController()
async function write(path: string): Promise<number> {
  let acknowledged = 0
  while (!writing.signal.aborted) {
    const own = await openSqliteStore({ path })
    for (let appended = 0; appended < 5 + (acknowledged % 60); appended += 1) {
      await own.append(STREAM, 'any', [beat('x'.repeat(3000))])
      acknowledged += 1
      writeFileSync(`${path}.acknowledged`, String(acknowledged))
      await new Promise(resolve => setImmediate(resolve))
    }
    await own.close()
  }
  return acknowledged
}

const DOES: Readonly<Record<string, (path: string, number: number) => unknown>> = {
  umask: (_, mask) => process.umask(mask),
  open: async path => {
    opened = await openSqliteStore({ path })
    ended = new AbortController()
    followed = 0
  },
  append: async () => store().append(STREAM, 'any', [beat()]),
  count: async () => count(store()),
  now: async () => store().now(STREAM),
  follow: () => void follow(),
  followed: async (_, wanted) => {
    await until(() => followed >= wanted)
    return followed
  },
  snapshot: async () => {
    const head = await store().head(STREAM)
    const key = { ledgerId: 'l', codeVersion: 'v' }
    await store().saveSnapshot(STREAM, { ...key, throughRevision: Number(head), state: {} } as never)
  },
  backup: async path => store().backup?.(path),
  share: (path, group) => shareStore({ path, gid: group }),
  inTheWay: path => filesInTheWay(path).map(({ detail }) => detail),
  audit,
  write,
  stop: () => {
    writing.abort()
  },
  close: async () => {
    ended.abort()
    await opened?.close()
    opened = undefined
  },
}

async function answer({ id, does, path, number }: z.infer<typeof Order>): Promise<void> {
  try {
    process.send?.({ id, value: (await DOES[does]?.(path, number)) ?? null })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown'
    process.send?.({ id, code, message: error instanceof Error ? error.message : String(error) })
  }
}

process.on('message', message => void answer(Order.parse(message)))
process.send?.({ id: 0, value: null })
