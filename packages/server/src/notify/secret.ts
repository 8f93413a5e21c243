import { readSmallFile } from '@holdfast/store/internal'
import type { Source } from './rules.ts'

/** More than any secret or address has. */
const BYTES_MAX = 8 * 1024

const BASE64_PREFIX = 'whsec_'
const BASE64 = /^[\w+/-]+={0,2}$/

/**
 * What stands in a file or a variable, without the white space around it. Read each time, so that it can be changed.
 *
 * @throws Error that says what is wrong with the place, and never what stands there.
 */
export function readSource(source: Source): string {
  const text = 'file' in source ? fileText(source.file) : (process.env[source.variable] ?? '')
  const found = text.trim()
  if (found !== '') return found
  throw new Error('file' in source ? `the file ${source.file} is empty` : `the variable ${source.variable} is not set`)
}

/**
 * The bytes that a body is signed with.
 *
 * @throws Error that does not repeat the secret.
 */
export function keyOf(secret: string): Buffer {
  if (!secret.startsWith(BASE64_PREFIX)) return Buffer.from(secret, 'utf8')
  const written = secret.slice(BASE64_PREFIX.length)
  // What is no Base64 gives some bytes, or none: anybody could sign with those.
  if (!BASE64.test(written)) throw new Error(`the secret begins with ${BASE64_PREFIX}, and no Base64 follows`)
  return Buffer.from(written, 'base64')
}

function fileText(path: string): string {
  try {
    return readSmallFile(path, BYTES_MAX)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw new Error(`the file ${path} cannot be read (${code})`, { cause: error })
  }
}
