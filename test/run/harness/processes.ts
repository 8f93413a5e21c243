import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, systemProbe } from '@holdfast/engine'
import { readProcess } from '@holdfast/engine/internal'

const LOOK_MS = 10

/** Waits until something holds that no event tells of: files, and the ends of processes that are not ours. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(LOOK_MS)
}

/** Whether a process runs: a zombie that nobody waits for does not. */
export function runs(pid: number): boolean {
  return readProcess(pid).found === 'running'
}

/** Waits until a process has ended. */
export async function ended(pid: number): Promise<void> {
  const identity = identify(pid)
  await until(() => identity === null || systemProbe(identity) !== 'alive')
}

/** The number that a file holds, once somebody has written it with a line's end. */
export async function numberIn(file: string): Promise<number> {
  const text = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  await until(() => text().endsWith('\n'))
  return Number(text())
}

/** Whether a process is stopped, as by SIGSTOP. */
export function isStopped(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
}

/** Words that leave behind what does not end of itself, nor by SIGTERM, under another leader than the child. */
export const LEAVES_BEHIND = `sh -c 'trap "" TERM; echo $$ > left; while :; do sleep 0.1; done' & while [ ! -s left ]; do sleep 0.01; done`
