import { closeSync, fstatSync, openSync, type Stats } from 'node:fs'

/** A database that this process has open, and the descriptor by which its first bytes were looked at meanwhile. */
interface Held {
  connections: number
  descriptor: number | undefined
}

const held = new Map<string, Held>()

/**
 * POSIX takes all locks of a process on a file away when it closes any descriptor of it, SQLite's own too. Without them
 * another process takes itself for the last one, and removes the log under this one. So while a connection is open, a
 * descriptor that was opened beside it stays open as well.
 */
export function holdLocks(file: Stats): () => void {
  const key = keyOf(file)
  const entry = held.get(key) ?? { connections: 0, descriptor: undefined }
  held.set(key, entry)
  entry.connections += 1
  return () => {
    entry.connections -= 1
    if (entry.connections > 0) return
    held.delete(key)
    if (entry.descriptor !== undefined) closeSync(entry.descriptor)
  }
}

/** Reads a database's file by a descriptor, whose closing takes no locks away from this process. Throws as `openSync`. */
export function readKeepingLocks<T>(path: string, file: Stats, read: (descriptor: number) => T): T {
  const entry = held.get(keyOf(file))
  if (entry?.descriptor !== undefined) return read(entry.descriptor)
  const descriptor = openSync(path, 'r')
  const open = held.get(keyOf(fstatSync(descriptor)))
  if (open !== undefined && open.descriptor === undefined) {
    open.descriptor = descriptor
    return read(descriptor)
  }
  try {
    return read(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function keyOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`
}
