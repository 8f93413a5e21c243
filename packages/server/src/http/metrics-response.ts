import type { HttpParts } from './parts.ts'
import { Problem } from './problem.ts'

/** Prometheus' text format. Every Prometheus takes it, also one that likes others better. */
const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8'

/** What `/metrics` answers. Ends with 406 for who takes no plain text, and with 404 where nothing is measured. */
export async function metricsResponse({ metrics }: HttpParts, accept: string | undefined): Promise<Response> {
  if (!takesText(accept)) throw new Problem(406, 'not-acceptable', `The metrics come as ${TEXT_FORMAT}.`)
  if (metrics === null) throw new Problem(404, 'not-found', 'This server measures nothing.')
  return new Response(await metrics(), { headers: { 'Content-Type': TEXT_FORMAT } })
}

/** Whether one of the ranges of an `Accept` takes it; the version is named by Prometheus, and 0.0.4 is the only one. */
function takesText(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true
  return accept.split(',').some(range => {
    const [type = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    if (!['text/plain', 'text/*', '*/*'].includes(type)) return false
    const valueOf = (name: string): string | undefined =>
      parameters.find(one => one.startsWith(`${name}=`))?.slice(name.length + 1)
    return Number(valueOf('q') ?? '1') > 0 && (valueOf('version') ?? '0.0.4') === '0.0.4'
  })
}
