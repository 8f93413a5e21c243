import { readFileSync } from 'node:fs'
import { StoreError } from '../errors.ts'

export interface Host {
  readonly address: string
  readonly port: number
}

/** What a connection string asks for. The only place that holds its secrets; `shownUrl` is for people. */
export interface ConnectionSettings {
  readonly shownUrl: string
  readonly hosts: readonly Host[]
  /** `esdb+discover://`: the host is a name that stands for all nodes. */
  readonly discover: boolean
  readonly insecure: boolean
  readonly credentials: { readonly username: string; readonly password: string } | undefined
  readonly rootCertificate: Buffer | undefined
  readonly userCertificate: { readonly certificate: Buffer; readonly key: Buffer } | undefined
  readonly connectionName: string | undefined
  readonly callDeadlineMs: number | undefined
  readonly keepAliveIntervalMs: number | undefined
  readonly keepAliveTimeoutMs: number | undefined
}

const PORT_DEFAULT = 2113

const FORM =
  'Write esdb://[USER:PASSWORD@]HOST:PORT[,HOST:PORT…][?tls=false], with % codes for special characters in the password'

/**
 * Options that the client knows; what is not listed here is refused. Those with `ignored` mean nothing to this store:
 * it finds the leader by itself and has its own way with failed appends.
 */
const OPTIONS: ReadonlyMap<string, 'used' | 'ignored'> = new Map([
  ['tls', 'used'],
  ['tlscafile', 'used'],
  ['usercertfile', 'used'],
  ['userkeyfile', 'used'],
  ['connectionname', 'used'],
  ['defaultdeadline', 'used'],
  ['keepaliveinterval', 'used'],
  ['keepalivetimeout', 'used'],
  ['nodepreference', 'ignored'],
  ['throwonappendfailure', 'ignored'],
  ['maxdiscoverattempts', 'ignored'],
  ['discoveryinterval', 'ignored'],
  ['gossiptimeout', 'ignored'],
])

/**
 * Reads a connection string. The client's own parser is not used: its errors and debug output repeat the whole string,
 * password included. TLS is on unless `tls=false` is written. Throws `invalid` without repeating what was given.
 */
export function parseConnectionString(text: string): ConnectionSettings {
  const match = /^(esdb|esdb\+discover):\/\/([^/?]*)\/*(?:\?(.*))?$/is.exec(text.trim())
  if (match === null) throw invalid('The EventStoreDB address cannot be read')
  const scheme = (match[1] ?? '').toLowerCase()
  const authority = match[2] ?? ''
  const at = authority.lastIndexOf('@')
  const options = parseOptions(match[3] ?? '')
  const hosts = authority
    .slice(at + 1)
    .split(',')
    .map(parseHost)
  const insecure = truth(options, 'tls') === false
  const credentials = at < 0 ? undefined : parseCredentials(authority.slice(0, at))
  const shownHosts = hosts.map(({ address, port }) => `${address}:${port}`).join(',')
  return {
    shownUrl: `${scheme}://${shownHosts}${insecure ? '?tls=false' : ''}`,
    hosts,
    discover: scheme === 'esdb+discover',
    insecure,
    credentials,
    rootCertificate: file(options, 'tlscafile'),
    userCertificate: userCertificate(options),
    connectionName: options.get('connectionname'),
    callDeadlineMs: milliseconds(options, 'defaultdeadline'),
    keepAliveIntervalMs: milliseconds(options, 'keepaliveinterval'),
    keepAliveTimeoutMs: milliseconds(options, 'keepalivetimeout'),
  }
}

function parseHost(text: string): Host {
  const match = /^(\[[0-9a-f:.]+\]|[^:@\s]+)(?::(\d{1,5}))?$/i.exec(text.trim())
  const port = Number(match?.[2] ?? PORT_DEFAULT)
  const address = match?.[1]
  if (address === undefined || port < 1 || port > 65_535)
    throw invalid('A host of the EventStoreDB address cannot be read')
  return { address, port }
}

function parseCredentials(text: string): { username: string; password: string } {
  const colon = text.indexOf(':')
  if (colon < 1) throw invalid('The EventStoreDB address names a user without a password')
  return { username: decoded(text.slice(0, colon)), password: decoded(text.slice(colon + 1)) }
}

function parseOptions(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>()
  for (const pair of text.split('&').filter(part => part !== '')) {
    const equals = pair.indexOf('=')
    const key = pair.slice(0, Math.max(0, equals)).trim().toLowerCase().replaceAll(/[_-]/g, '')
    const known = OPTIONS.get(key)
    if (known === undefined) throw invalid('The EventStoreDB address has an option that is not known')
    if (known === 'used') options.set(key, decoded(pair.slice(equals + 1).trim()))
  }
  return options
}

function truth(options: ReadonlyMap<string, string>, key: string): boolean | undefined {
  const value = options.get(key)
  if (value === undefined || value === 'true') return value === undefined ? undefined : true
  if (value === 'false') return false
  throw invalid(`The option ${key} of the EventStoreDB address must be true or false`)
}

function milliseconds(options: ReadonlyMap<string, string>, key: string): number | undefined {
  const value = options.get(key)
  if (value === undefined) return undefined
  if (!/^\d{1,9}$/.test(value) || Number(value) === 0) {
    throw invalid(`The option ${key} of the EventStoreDB address must be a number of milliseconds`)
  }
  return Number(value)
}

function userCertificate(options: ReadonlyMap<string, string>): { certificate: Buffer; key: Buffer } | undefined {
  const certificate = file(options, 'usercertfile')
  const key = file(options, 'userkeyfile')
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined) throw invalid('userCertFile and userKeyFile go together')
  return { certificate, key }
}

function file(options: ReadonlyMap<string, string>, key: string): Buffer | undefined {
  const path = options.get(key)
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new StoreError(
      'unavailable',
      `The file that the option ${key} of the EventStoreDB address names cannot be read.`,
      {
        cause,
      },
    )
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    // The cause says only that the text is malformed, not what it was.
    throw new StoreError('invalid', `The EventStoreDB address has a malformed % code. ${FORM}.`, { cause })
  }
}

function invalid(what: string): StoreError {
  return new StoreError('invalid', `${what}. ${FORM}.`)
}
