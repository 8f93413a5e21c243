import { spawn } from 'node:child_process'

/** Off with the alternate screen, on with the cursor. */
const LEFT = String.raw`\033[?1049l\033[?25h`

/**
 * Notes how the terminal is set, says so, and waits for a word. Where none comes before the pipe ends, nobody else can
 * give the terminal back any more.
 */
const WORDS = `exec 4<&1; saved=$(stty -g <&4) || exit; echo ready >&3; exec 3>&-; read -r word && exit; printf '${LEFT}'; stty "$saved" <&4`

/** A start that takes longer is not waited for. */
const START_MS = 2000

/**
 * Gives the terminal of standard output back when this process is killed so that it cannot do it itself. It is a shell
 * in a session of its own, so that it does not die with this process group and no job control stops it. The function
 * that is answered ends it; it must be called where the terminal has been given back. Where no shell is, nothing watches.
 */
export async function watchTerminal(): Promise<() => void> {
  if (process.platform === 'win32') return () => {}
  const child = spawn('sh', ['-c', WORDS], { detached: true, stdio: ['pipe', 'inherit', 'ignore', 'pipe'] })
  child.stdin?.on('error', () => {})
  // Until it has looked, the terminal must stay as it is.
  await new Promise<void>(resolve => {
    const late = setTimeout(resolve, START_MS)
    const go = (): void => {
      clearTimeout(late)
      resolve()
    }
    child.once('error', go).once('exit', go)
    child.stdio[3]?.once('data', go)
  })
  child.unref()
  let isDismissed = false
  const dismiss = (): void => {
    if (!isDismissed) child.stdin?.end('over\n')
    isDismissed = true
  }
  process.once('exit', dismiss)
  return dismiss
}
