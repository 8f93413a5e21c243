import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readBeat, thisProcess } from '@holdfast/engine'
import { encodeBeat, presenceFileName, systemFiles } from '@holdfast/engine/internal'

// A process that rewrites its heartbeat file as fast as it can. Now and then it lets the file look abandoned, refreshes
// it, and then demands to find it. Prints how many rewrites it made and how many live files were taken from it.

/** Every so many rewrites the file looks abandoned first. */
const STALE_EVERY = 12

/** How long a live file may be out of sight: a cleanup holds it for two file operations. */
const RETURNS_WITHIN_MS = 2000

const [directory = '', rewrites = '0'] = process.argv.slice(2)
const path = join(directory, presenceFileName({ pid: process.pid, uuid: randomUUID() }))
const identity = thisProcess()

async function write(step: number, ageMs: number): Promise<void> {
  const filler = 'x'.repeat((step * 37) % 4000)
  const metadata = { step, filler, hash: createHash('sha256').update(`${step}${filler}`).digest('hex') }
  const beat = { atMs: Date.now() - ageMs, pid: identity.pid, hostname: identity.host, metadata, process: identity }
  await systemFiles.replace(path, encodeBeat(beat), { fsync: false })
}

async function finds(step: number): Promise<boolean> {
  const untilMs = Date.now() + RETURNS_WITHIN_MS
  do {
    const reading = await readBeat(path)
    if (reading.outcome === 'read') return reading.beat.metadata['step'] === step
    await pause(1)
  } while (Date.now() < untilMs)
  return false
}

let lost = 0
for (let step = 0; step < Number(rewrites); step += 1) {
  const abandoned = step % STALE_EVERY === 0
  await write(step, abandoned ? 600_000 : 0)
  if (step % STALE_EVERY !== 1) continue
  // Twice: a cleanup that judged the abandoned file may still be on its way.
  if (!(await finds(step))) lost += 1
  await pause(1)
  if (!(await finds(step))) lost += 1
}
process.stdout.write(JSON.stringify({ rewrites: Number(rewrites), lost }))
