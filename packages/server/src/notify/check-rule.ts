import { statSync } from 'node:fs'
import { findCommand } from '@holdfast/engine/internal'
import type { NotifyRule, Source } from './rules.ts'
import { keyOf, readSource } from './secret.ts'
import { addressOf } from './webhook.ts'

/** What keeps a rule from telling anybody, as far as it can be seen without telling. No secret stands in it. */
export interface RuleCheck {
  readonly problems: readonly string[]
  /** What works and may not be meant. */
  readonly warnings: readonly string[]
}

/** Bytes of a key below which it can be guessed. */
const KEY_BYTES_MIN = 16

export function checkRule({ command, webhook }: NotifyRule): RuleCheck {
  if (webhook === undefined) return { problems: commandProblems(command?.[0] ?? ''), warnings: [] }
  const problems: string[] = []
  const warnings: string[] = []
  const { url, secret } = webhook
  const target = found(() => addressOf(url), problems)
  if (target?.protocol === 'http:' && !LOOPBACK.has(target.hostname)) {
    warnings.push('the webhook is asked over http: anybody on the way can read the notices')
  }
  if (secret === undefined) warnings.push('no secret is named: the receiver cannot tell who sends the notices')
  else {
    const key = found(() => keyOf(readSource(secret)), problems)
    if (key !== null && key.length < KEY_BYTES_MIN) {
      problems.push(`the secret is shorter than ${KEY_BYTES_MIN} bytes: make one with openssl rand -base64 32`)
    }
  }
  for (const source of [url, secret]) if (typeof source === 'object') warnings.push(...openFile(source))
  return { problems, warnings }
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost'])

function commandProblems(name: string): readonly string[] {
  const found = findCommand(name, process.env['PATH'] ?? '')
  switch (found.found) {
    case 'executable':
      return []
    case 'not-executable':
      return [`${found.path} is not executable`]
    case 'missing':
      return [`the command ${JSON.stringify(name)} is not found`]
  }
}

function found<T>(look: () => T, problems: string[]): T | null {
  try {
    return look()
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
    return null
  }
}

function openFile(source: Source): readonly string[] {
  if (!('file' in source)) return []
  const mode = statSync(source.file, { throwIfNoEntry: false })?.mode ?? 0
  return (mode & 0o077) === 0 ? [] : [`others may read ${source.file}: chmod 600`]
}
