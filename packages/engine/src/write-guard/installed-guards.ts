import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findCommand } from '../run/find-command.ts'
import { blockCommand } from './git-hook-text.ts'
import { HOOKS } from './hooks.ts'
import { entriesOf } from './json-entry.ts'
import { hooksFolder, isExecutable } from './plan-git-hook.ts'
import { textOf } from './planned-change.ts'

/** The guard as it was entered in a hook, and whether that can still run. */
export interface InstalledGuard {
  /** `git`, or the name of an agent's hook. */
  readonly hook: string
  readonly file: string
  /** Why it does not run, as part of a sentence; `null`: nothing was found to be wrong. */
  readonly fault: string | null
  /** When its file was last changed. */
  readonly sinceMs: number | null
}

/** The entries of the guard under `root`: git's pre-commit hook, and the settings of agents that are known by name. */
export async function installedGuards(root: string): Promise<readonly InstalledGuard[]> {
  return [...(await gitGuards(root)), ...Object.keys(HOOKS).flatMap(name => agentGuards(root, name))]
}

async function gitGuards(root: string): Promise<readonly InstalledGuard[]> {
  if (!existsSync(join(root, '.git'))) return []
  const used = await whereGitLooks(root)
  const usual = join(root, '.git', 'hooks', 'pre-commit')
  const files = [...new Set([...(used === null ? [] : [join(used, 'pre-commit')]), usual])]
  return files.flatMap(file => {
    const command = readable(file, text => blockCommand(text))
    if (command === null) return []
    const isUsed = used === null || file === join(used, 'pre-commit')
    const fault = isUsed ? gitFault(file, command) : `git looks for hooks in ${used}`
    return [{ hook: 'git', file, fault, sinceMs: changedMs(file) }]
  })
}

function gitFault(file: string, command: string): string | null {
  return isExecutable(file) ? commandFault(command) : 'git ignores it, for it is not executable'
}

async function whereGitLooks(root: string): Promise<string | null> {
  try {
    return await hooksFolder(root)
  } catch {
    return null // No git here, so no commit either.
  }
}

function agentGuards(root: string, name: string): readonly InstalledGuard[] {
  const shape = HOOKS[name]
  if (shape?.source !== 'document' || shape.settings === undefined) return []
  const { file: place, list } = shape.settings
  const file = resolve(root, place)
  const entries = readable(file, text => entriesOf(text, list)) ?? []
  return entries.flatMap(commandsIn).map(command => {
    return { hook: name, file, fault: commandFault(command), sinceMs: changedMs(file) }
  })
}

/** The guard's commands in an entry of whatever form. */
function commandsIn(entry: unknown): readonly string[] {
  if (typeof entry === 'string') return entry.includes(' guard check --hook ') ? [entry] : []
  if (typeof entry !== 'object' || entry === null) return []
  return Object.values(entry).flatMap(commandsIn)
}

/** Whether the words of a guard's command still lead anywhere. What cannot be told is no fault. */
function commandFault(command: string): string | null {
  const words = wordsOf(command)
  const [program = ''] = words
  const { found } = findCommand(program, process.env['PATH'] ?? '')
  if (found === 'missing') return `its program ${program} is not there`
  if (found === 'not-executable') return `its program ${program} is not executable`
  const script = words[1]
  if (script?.startsWith('/') === true && !existsSync(script)) return `its program ${script} is not there`
  const store = valueOf(words, '--store')
  const path = store === null ? undefined : /^sqlite:(?<path>\/.+)$/isu.exec(store)?.groups?.['path']
  if (path !== undefined && !existsSync(path)) return `its store ${path} is not there`
  const config = valueOf(words, '--config')
  return config?.startsWith('/') === true && !existsSync(config) ? `its configuration ${config} is not there` : null
}

function valueOf(words: readonly string[], flag: string): string | null {
  const place = words.indexOf(flag)
  return place === -1 ? null : (words[place + 1] ?? null)
}

/** Splits a command as `guard install` writes it: words in single quotes, or plain ones. */
function wordsOf(command: string): string[] {
  const words = command.match(/(?:'[^']*'|\\'|[^\s'\\]+|\\.)+/gsu) ?? []
  return words.map(word =>
    word.replaceAll(/'([^']*)'|\\(.)/gsu, (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? ''),
  )
}

/** What is in a file; `null` where there is none, or it cannot be read as what it should be. */
function readable<T>(file: string, read: (text: string) => T): T | null {
  try {
    const text = textOf(file)
    return text === null ? null : read(text)
  } catch {
    return null // Whoever owns the file hears of that from its own program.
  }
}

function changedMs(file: string): number | null {
  try {
    return Math.round(statSync(file).mtimeMs)
  } catch {
    return null
  }
}
