import type { LineageJson } from '@holdfast/projections'
import { byToken } from './event-line.ts'
import { processText } from './location-text.ts'
import { plain } from './plain.ts'
import { instant } from './times.ts'
import { tone } from './tone.ts'

/** Who owned a lease, one line each, and how it ended. */
export function lineageLines({ leaseId, owners, end }: LineageJson, nowMs: number): readonly string[] {
  return [
    tone.strong(leaseId),
    ...owners.map(owner => {
      const { holder, token, process, adopted, claim, since, reason, accessToken } = owner
      const parts = [`${plain(holder)}, token ${token}, ${processText(process)}`]
      if (adopted !== null)
        parts.push(`adopted ${adopted.forced ? 'by force' : `as ${adopted.ground ?? 'taken over'}`}`)
      if (claim !== null) parts.push(`to reap it (${claim.cause})`)
      parts.push(instant(Date.parse(since), nowMs))
      if (accessToken !== undefined) parts.push(byToken(plain(accessToken)))
      return `  held by  ${parts.join(', ')}${because(reason)}`
    }),
    end === null
      ? '  live'
      : `  ended    ${endText(end)}, r${end.revision}, ${instant(Date.parse(end.at), nowMs)}${endedBy(end)}`,
  ]
}

function endText(end: NonNullable<LineageJson['end']>): string {
  if (end.how === 'released') return `released${because(end.reason)}`
  const { cause, disposition, forced, reason } = end
  return `evicted: ${cause}${disposition === 'none' ? '' : `, ${disposition}`}${forced ? ', by force' : ''}${because(reason)}`
}

function endedBy({ accessToken }: NonNullable<LineageJson['end']>): string {
  return accessToken === undefined ? '' : `, ${byToken(plain(accessToken))}`
}

function because(reason: string): string {
  return reason === '' ? '' : ` (${plain(reason)})`
}
