import { describe, expect, it } from 'vitest'
import { commandWord, wordsBesideFlags } from './command-word.ts'
import { rootCommand } from './root-command.ts'

describe('the word at the place of the command', () => {
  it.each<[args: readonly string[], word: string | null]>([
    [[], null],
    [['leases'], 'leases'],
    [['leases', '--store', 'x'], 'leases'],
    [['--store', 'leases', 'acquire', 'guard'], 'acquire'],
    [['--store=guard', '--json', 'leases'], 'leases'],
    [['--reason', '--json', 'leases'], 'leases'],
    [['--reason=two\nlines', 'leases'], 'leases'],
    [['--store'], null],
    [['--help', 'leases'], null],
    [['--loud', 'leases'], null],
    [['--json=yes', 'leases'], null],
    [['-', 'leases'], null],
    [['--', 'leases'], null],
    [['', 'leases'], ''],
  ])('of %j is %j', (args, word) => {
    expect(commandWord(args)).toBe(word)
  })

  it('help is asked about a word that is neither a flag of all commands nor a value', () => {
    expect(wordsBesideFlags(['help', '--config', 'X', 'leases', '--json'])).toEqual(['help', 'leases'])
    expect(wordsBesideFlags(['--store=a', 'help', '--loud', '--ledger', 'b'])).toEqual(['help', '--loud'])
  })

  it('is found behind every flag that the program takes', () => {
    for (const { long, required } of rootCommand().options.filter(({ long }) => long !== '--version')) {
      const flag = required ? [String(long), 'value'] : [String(long)]
      expect(commandWord([...flag, 'leases']), String(long)).toBe('leases')
    }
  })
})
