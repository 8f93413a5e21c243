import type { ReapProgress } from '@holdfast/core'

/** What was looked for and found, in one clause: `no commits, 2 files changed and no events of its run since …`. */
export function progressText({ events, commits, files, sinceMs, unknown }: ReapProgress): string {
  const counts = [
    ...(commits === null ? [] : [count(commits, 'commit')]),
    ...(files === null ? [] : [`${count(files, 'file')} changed under its region`]),
    `${count(events, 'event')} of its run`,
  ]
  const told = `${counts.join(', ')} since ${new Date(sinceMs).toISOString()}`
  return unknown.length === 0 ? told : `${told}; not known: ${unknown.join(', ')}`
}

function count(found: number, of: string): string {
  return `${found === 0 ? 'no' : found} ${of}${found === 1 ? '' : 's'}`
}
