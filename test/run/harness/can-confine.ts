import { execFileSync } from 'node:child_process'

/** Whether bubblewrap is here and may make namespaces; where not, what needs it is skipped, and says so. */
export const CAN_CONFINE = tried()

function tried(): boolean {
  try {
    execFileSync('bwrap', ['--unshare-user', '--unshare-pid', '--ro-bind', '/', '/', '--proc', '/proc', 'true'], {
      stdio: 'ignore',
    })
    return true
  } catch {
    console.warn('bubblewrap does not run here: no command is confined in these tests')
    return false
  }
}
