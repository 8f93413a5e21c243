import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'

const COMPANIONS = ['', '-wal', '-shm', '.head', '.notify']

/** Copies a database with everything that lies beside it. */
export function copyDatabase(from: string, to: string): void {
  for (const suffix of COMPANIONS) {
    rmSync(`${to}${suffix}`, { force: true })
    if (existsSync(`${from}${suffix}`)) copyFileSync(`${from}${suffix}`, `${to}${suffix}`)
  }
}

/** Turns one bit. */
export function flipBit(path: string, bit: number): void {
  const bytes = readFileSync(path)
  const at = bit >>> 3
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (bit & 7)), at)
  writeFileSync(path, bytes)
}

export function cutTo(path: string, length: number): void {
  truncateSync(path, length)
}
