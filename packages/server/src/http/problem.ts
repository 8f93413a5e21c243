import { InputError } from '@holdfast/engine'
import { StoreError, type StoreErrorCode } from '@holdfast/store'

/** A failure on its way out: RFC 9457, with a code of ours. */
export class Problem extends Error {
  readonly status: ProblemStatus
  readonly code: string
  readonly more: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: ProblemStatus,
    code: string,
    message: string,
    { more = {}, headers = {} }: { more?: Record<string, unknown>; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.more = more
    this.headers = headers
  }
}

export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 406
  | 409
  | 410
  | 413
  | 415
  | 421
  | 422
  | 429
  | 500
  | 502
  | 503

const TITLES: Readonly<Record<ProblemStatus, string>> = {
  400: 'The request cannot be read',
  401: 'No token',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Refused',
  410: 'Not held',
  413: 'The request is too large',
  415: 'The request is not JSON',
  421: 'Another server is meant',
  422: 'The request cannot be understood',
  429: 'Too many bad tokens',
  500: 'Something unexpected went wrong',
  502: 'The ledger is not to be trusted',
  503: 'The store is not available',
}

const STATUS_OF_STORE: Readonly<Record<StoreErrorCode, ProblemStatus>> = {
  'no-ledger': 404,
  unavailable: 503,
  'timeout-unknown-outcome': 503,
  'clock-mismatch': 503,
  corrupt: 502,
  foreign: 502,
  'ledger-newer': 502,
  moved: 502,
  backup: 502,
  invalid: 422,
}

/** How long is waited before a store that was not available is asked again. */
const RETRY_AFTER = { 'Retry-After': '1' }

/** The server ends: another one, or the same one, is there soon. */
export function closingProblem(): Problem {
  return new Problem(503, 'closing', 'The server ends. Ask again.', { headers: RETRY_AFTER })
}

/** Whatever was thrown, as a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof InputError) {
    return new Problem(422, error.code, error.message, { more: { faults: error.faults } })
  }
  if (error instanceof StoreError) {
    const { code, detail, message } = error
    const status = STATUS_OF_STORE[code]
    const headers = status === 503 ? RETRY_AFTER : {}
    return new Problem(status, code, message, { more: detail === undefined ? {} : { kind: detail }, headers })
  }
  const isClosing = error instanceof Error && 'code' in error && error.code === 'closing'
  if (isClosing) return closingProblem()
  return new Problem(500, 'unexpected', 'Something unexpected went wrong; the log of the server says what.')
}

/** `application/problem+json`. What the answer says in fields of its own comes last: `code` of a refusal is the refusal's. */
export function problemResponse(status: ProblemStatus, detail: string, more: object, headers: object = {}): Response {
  const body = { type: 'about:blank', title: TITLES[status], status, detail, ...more }
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
  })
}
