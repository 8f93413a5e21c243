import type { ProcessIdentity } from './process-identity.ts'

/** Characters that the name of a token has at most. */
const TOKEN_NAME_LENGTH_MAX = 63

/** The name of the token that an event came by at a server; `null`: it came by none, or by nothing that is a name. */
export function tokenNameOf(actor: ProcessIdentity | null): string | null {
  const recorded = actor?.['token']
  if (typeof recorded !== 'string' || recorded === '') return null
  return recorded.length <= TOKEN_NAME_LENGTH_MAX ? recorded : null
}
