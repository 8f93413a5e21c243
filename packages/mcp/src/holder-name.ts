import { Holder } from '@holdfast/core'

/** Letters of a client's name that a holder keeps. */
const CLIENT_LENGTH_MAX = 40

/** The name of a session that nobody has named: after its client, with something short that tells it from others. */
export function holderName(client: { readonly name: string } | undefined, shortId: string): string {
  const plain = (client?.name ?? '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, CLIENT_LENGTH_MAX)
    .replaceAll(/^-|-$/g, '')
  return Holder.parse(`${plain === '' ? 'mcp' : plain}/${shortId}`)
}
