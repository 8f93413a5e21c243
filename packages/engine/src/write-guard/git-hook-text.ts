import { InputError } from '../input-error.ts'

const BEGIN = '# >>> holdfast guard >>>'
const BEGIN_NEW = '# >>> holdfast guard, in a file of its own >>>'
const END = '# <<< holdfast guard <<<'
const BLOCK = /(\n?)# >>> holdfast guard(?:, in a file of its own)? >>>\n[^]*?\n# <<< holdfast guard <<<(\n?)/

const OR_REFUSE = ' || exit 1'

/**
 * Git tells some hooks on standard input what they are about. The guard keeps it, so that whatever stands below reads it
 * as well.
 */
const KEEP_INPUT = 'holdfast_input=$(cat)'
const FROM_INPUT = 'printf "%s\\n" "$holdfast_input" | '
const GIVE_INPUT = [
  'if [ -n "$holdfast_input" ]; then exec <<HOLDFAST_INPUT',
  '$holdfast_input',
  'HOLDFAST_INPUT',
  'fi',
]

const SHELL = /^#!.*\b(?:ba|da|k|z)?sh\b/

/** Whether a hook's text holds the guard. */
export function hasBlock(text: string): boolean {
  return BLOCK.test(text)
}

/** The command that a hook runs as the guard; `null` where it holds none. */
export function blockCommand(text: string): string | null {
  const line = BLOCK.exec(text)?.[0]
    .split('\n')
    .find(each => each.endsWith(OR_REFUSE))
  if (line === undefined) return null
  const command = line.slice(0, -OR_REFUSE.length)
  return command.startsWith(FROM_INPUT) ? command.slice(FROM_INPUT.length) : command
}

/**
 * Puts the guard first in a hook, so that no `exit` or `exec` of what stands there comes before it. `null` stands for
 * no file. One that is there is replaced. `withoutBlock` is the exact inverse.
 *
 * @throws InputError when the hook is no shell script.
 */
export function withBlock(text: string | null, command: string, { readsInput = false } = {}): string {
  if (text === null) return `#!/bin/sh\n${blockOf(BEGIN_NEW, command, readsInput)}\n`
  if (hasBlock(text)) return withBlock(withoutBlock(text), command, { readsInput })
  const block = blockOf(BEGIN, command, readsInput)
  if (!text.startsWith('#!')) return `${block}\n${text}`
  const end = text.indexOf('\n')
  const shebang = end < 0 ? text : text.slice(0, end)
  if (!SHELL.test(shebang)) {
    const message = `it is run by ${JSON.stringify(shebang)} and not by a shell; call \`${command}\` from it`
    throw new InputError([{ path: 'git', message }])
  }
  return end < 0 ? `${text}\n${block}` : `${text.slice(0, end + 1)}${block}\n${text.slice(end + 1)}`
}

/** Takes the guard out; `null`: the file was made for it, and nothing else came to stand in it. */
export function withoutBlock(text: string): string | null {
  const found = BLOCK.exec(text)
  if (found === null) return text
  const [whole, lineBefore = '', lineAfter = ''] = found
  // The line end after the block is its own; at the end of a file without one it is the one before.
  const kept = lineAfter === '' ? '' : lineBefore
  const rest = text.slice(0, found.index) + kept + text.slice(found.index + whole.length)
  return whole.includes(BEGIN_NEW) && rest === '#!/bin/sh\n' ? null : rest
}

function blockOf(begin: string, command: string, readsInput: boolean): string {
  const about =
    '# Refuses commits inside regions that others lease. `holdfast guard install --git --remove` takes this out.'
  const lines = readsInput
    ? [KEEP_INPUT, `${FROM_INPUT}${command}${OR_REFUSE}`, ...GIVE_INPUT]
    : [`${command}${OR_REFUSE}`]
  return [begin, about, ...lines, END].join('\n')
}
