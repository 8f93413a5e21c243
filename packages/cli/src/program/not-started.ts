/** Exit code of what is out of reach for now; the file with all of them may be what could not be loaded. */
const UNAVAILABLE = 5
const UNEXPECTED = 1

/** Says why the program could not even load itself. It needs no other file, for those cannot be opened now. */
export function notStarted(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const out = code === 'EMFILE' || code === 'ENFILE'
  const hint = out ? ' Raise the limit of file descriptors (`ulimit -n`) and try again.' : ''
  process.stderr.write(`holdfast could not start (${message}).${hint}\n`)
  process.exitCode = out ? UNAVAILABLE : UNEXPECTED
}
