import type { ProcessIdentity } from '@holdfast/core'

/**
 * Waits for the end of the pipe on descriptor 3: a word on it is the dismissal, an end without one means that the runner
 * was killed. Then it ends what `ProcessTree` would find: the session that $1 leads, and all descendants of $1. SIGTERM
 * first; SIGKILL after $2 seconds for those that are left. A reused pid has another start, so it is none of them.
 */
const WATCH = `
IFS= read -r word <&3 && exit 0
root=$1 grace=$2

# Calls $1 with the pid, parent, session, start and state of every process.
look() {
  call=$1
  for stat in /proc/[0-9]*/stat; do
    IFS= read -r line <"$stat" || continue
    pid=\${line%% *}
    set -- \${line##*) }
    "$call" "$pid" "$2" "$4" "\${20}" "$1"
  done
}

pids=" $root " known=
take() {
  case $pids in
    *" $1 "* | *" $2 "*) ;;
    *) [ "$3" = "$root" ] || return ;;
  esac
  case $known in *" $1:$4 "*) return ;; esac
  pids="$pids$1 " known="$known $1:$4 " grown=1
}
still() {
  case $known in *" $1:$4 "*) [ "$5" = Z ] || left="$left $1" ;; esac
}
send() {
  kill -s "$1" -- "-$root"
  left=
  look still
  for pid in $left; do kill -s "$1" "$pid"; done
}

grown=1
while [ -n "$grown" ]; do grown= && look take; done
send TERM
send CONT
while [ "$grace" -gt 0 ]; do
  left=
  look still
  [ -n "$left" ] || exit 0
  sleep 1
  grace=$((grace - 1))
done
send KILL
`

/**
 * A process that outlives this one and ends `child`, with all that it has started, when this one dies without dismissing
 * it. Returns the function that dismisses it.
 */
export function startWatchdog(child: ProcessIdentity, killGraceMs: number): () => void {
  const seconds = String(Math.max(1, Math.ceil(killGraceMs / 1000)))
  const { spawn } = process.getBuiltinModule('node:child_process')
  const watchdog = spawn('/bin/sh', ['-c', WATCH, 'holdfast-watchdog', String(child.pid), seconds], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const pipe = watchdog.stdio[3]
  watchdog.unref()
  // The watchdog may be gone already; then there is nobody to dismiss.
  watchdog.on('error', () => {})
  pipe?.on('error', () => {})
  return () => {
    if (pipe !== null && pipe !== undefined && 'write' in pipe) pipe.end('done\n')
  }
}
