import { describe, expect, it } from 'vitest'
import { HELP_GROUPS } from '../../packages/cli/src/program/summaries.ts'
import { COMMANDS as COMMAND_TABLE } from '../../packages/cli/src/commands/table.ts'
import { Holdfast } from './holdfast.ts'

const holdfast = new Holdfast()

const COMMANDS = [
  'init',
  'config',
  'acquire',
  'claim',
  'heartbeat',
  'release',
  'check',
  'adopt',
  'scavenge',
  'halt',
  'spawn',
  'run',
  'setup',
  'leases',
  'liveness',
  'top',
  'why',
  'history',
  'diff',
  'wait',
  'log',
  'status',
  'verify',
  'doctor',
  'repair',
  'overlap',
  'judge',
  'mcp',
  'skill',
] as const

describe('help', () => {
  it.concurrent('names every command', async () => {
    const { exitCode, stdout } = await holdfast.call(['--help'])
    expect(exitCode).toBe(0)
    const named = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)
    expect(named).toEqual(expect.arrayContaining([...COMMANDS]))
  })

  it.concurrent('lists the commands in six groups, each summary on one line', async () => {
    const { stdout } = await holdfast.call(['--help'])
    const groups = [...stdout.matchAll(/^([A-Z][a-z ]+):\n((?: {2}\S.*\n)+)/gm)].map(([, group, lines = '']) => ({
      group,
      commands: [...lines.matchAll(/^ {2}([a-z]+) .*/gm)].map(([, name]) => name),
    }))
    const commands = groups.filter(({ group }) => group !== 'Options' && group !== 'Help' && group !== 'Examples')
    expect(commands.map(({ group }) => group)).toEqual(['Lease', 'Run and guard', 'Ask', 'Reap', 'Maintain', 'Files'])
    const names = commands.flatMap(group => group.commands)
    expect(names).toEqual(Object.values(HELP_GROUPS).flatMap(group => Object.keys(group)))
    expect(names).toEqual([...COMMAND_TABLE.keys()])
  })

  it.concurrent.each(COMMANDS)('of %s has its flags, the global ones and two examples', async name => {
    const { exitCode, stdout } = await holdfast.call([name, '--help'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ {2}--json /m)
    const examples = stdout.split('Examples:\n')[1]?.trimEnd().split('\n') ?? []
    expect(examples).toHaveLength(2)
    for (const example of examples) expect(example).toContain(`holdfast ${name}`)
  })

  it.concurrent('without a command stands on standard error and ends with 2', async () => {
    const { exitCode, stdout, stderr } = await holdfast.call([])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toContain('Usage: holdfast')
  })

  it.concurrent('the version is one line', async () => {
    const { exitCode, stdout } = await holdfast.call(['-v'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

it('of a command in two words is that of both', async () => {
  const [asked, flagged] = await Promise.all([
    holdfast.call(['help', 'guard', 'check']),
    holdfast.call(['guard', 'check', '--help']),
  ])
  expect(asked).toEqual(flagged)
  expect(asked.stdout).toContain('Usage: holdfast guard check')
})
