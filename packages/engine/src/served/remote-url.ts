import { StoreError } from '@holdfast/store'

/** Whether a store is named by the address of its server. */
export function isRemoteUrl(url: string): boolean {
  return /^https?:/i.test(url)
}

/** The address of a server, without a slash at its end. Throws `invalid`, and repeats no secret that was written into it. */
export function remoteUrl(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw invalid('The address of the server cannot be read. Write http://HOST:PORT, or https://HOST.')
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    const message =
      'The address of a server has no user, no password, no query and no fragment: others can read it. Give the token by HOLDFAST_TOKEN, by HOLDFAST_TOKEN_FILE, or by the option `token`.'
    throw invalid(message)
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function invalid(message: string): StoreError {
  return new StoreError('invalid', message)
}
