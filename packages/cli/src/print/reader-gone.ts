import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const STDOUT = 1
const LOOK_EVERY_MS = 500
/** Lower bits of an open file's flags, in octal: how it is open. */
const ACCESS_MODE = 0o3

/**
 * Calls `gone` when nobody reads the pipe of standard output any more. A write would tell, but there may be nothing to
 * write for hours. So the reader is looked up once and then watched; where the platform or its permissions do not show
 * it, this stays silent and the next write tells.
 */
export function watchReader(gone: () => void): () => void {
  const pipe = linkAt(`/proc/self/fd/${STDOUT}`)
  if (pipe === null || !pipe.startsWith('pipe:')) return () => {}
  let reader = findReader(pipe)
  const timer = setInterval(() => {
    if (reader === null || linkAt(reader) !== null) return
    reader = findReader(pipe)
    if (reader !== null) return
    clearInterval(timer)
    gone()
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}

/** The open file of another process that reads this pipe. */
function findReader(pipe: string): string | null {
  for (const pid of names('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue
    for (const fd of names(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${fd}`
      if (linkAt(path) === pipe && isForReading(`/proc/${pid}/fdinfo/${fd}`)) return path
    }
  }
  return null
}

function isForReading(info: string): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)/m.exec(readFileSync(info, 'utf8'))?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) === 0
  } catch {
    return false
  }
}

/** Where a link leads; `null` when it is not there any more, the empty text when we may not know. */
function linkAt(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? null : ''
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // The process has ended, or is not ours to look at.
    return []
  }
}
