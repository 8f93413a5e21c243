import { existsSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Holdfast } from './holdfast.ts'

const ESCAPE = '\u001b['
/** util-linux has it; a bare container may not. */
const SCRIPT = '/usr/bin/script'
const hasScript = existsSync(SCRIPT)

describe('colours', () => {
  it.concurrent('stay away from a pipe', async () => {
    const { stdout } = await ready('holdfast leases')
    expect(stdout).toContain('api')
    expect(stdout).not.toContain(ESCAPE)
  })

  it.runIf(hasScript).concurrent('are there on a terminal', async () => {
    expect((await ready(onTerminal(''))).stdout).toContain(ESCAPE)
  })

  it.runIf(hasScript).concurrent('are there where NO_COLOR is set to nothing', async () => {
    expect((await ready(onTerminal('NO_COLOR='))).stdout).toContain(ESCAPE)
  })

  it.concurrent('come to a pipe where FORCE_COLOR asks for them, and not where it is set to nothing', async () => {
    const forced = await ready('FORCE_COLOR=1 holdfast leases; FORCE_COLOR= holdfast leases')
    const [coloured = '', ...rest] = forced.stdout.split('\n')
    expect(coloured).toContain(ESCAPE)
    expect(rest.slice(1).join('\n')).toContain('api')
    expect(rest.slice(1).join('\n')).not.toContain(ESCAPE)
  })

  it.concurrent('come to every answer, whatever program of the command line gives it', async () => {
    for (const line of ['leases', 'why api', 'history api', 'acquire api --holder b']) {
      expect((await ready(`FORCE_COLOR=1 holdfast ${line}`)).stdout, line).toContain(ESCAPE)
    }
  })

  it.runIf(hasScript).concurrent('stay away where NO_COLOR is set beside FORCE_COLOR, without a warning', async () => {
    const { stdout } = await ready(onTerminal('NO_COLOR=1 FORCE_COLOR=1'))
    expect(stdout).toContain('api')
    expect(stdout).not.toContain(ESCAPE)
    expect(stdout).not.toContain('Warning')
  })

  it.runIf(hasScript).concurrent('stay away where NO_COLOR is set', async () => {
    const { stdout } = await ready(onTerminal('NO_COLOR=1'))
    expect(stdout).toContain('api')
    expect(stdout).not.toContain(ESCAPE)
  })
})

describe('a table', () => {
  it.runIf(hasScript).concurrent('fits a terminal of 60 columns, and JSON has everything in full', async () => {
    const holdfast = new Holdfast()
    const lane = `services/${'billing-'.repeat(10)}exporter`
    const region = 'services/billing/exporter/src/**/*.{ts,tsx,json}'
    await holdfast.call(['acquire', lane, '--holder', 'agent-of-a-long-name-17', '--region', region])
    const { stdout } = await holdfast.bash(
      `${SCRIPT} --quiet --return --command "stty columns 60; env -u CI NO_COLOR=1 $HOLDFAST_COMMAND leases" /dev/null`,
    )
    const [headings = '', row = '', ...more] = stdout.trimEnd().split(/\r?\n/)
    expect(more).toEqual([])
    expect(headings).toMatch(/^LANE +HOLDER +TOKEN +STATE +EXPIRES +REGION$/)
    expect(row).toMatch(/^serv\S*…\S*ter +agen\S*…\S*-17 +1 +held +in \S+(?: \S+)? +serv\S*…\S+$/)
    expect(Math.max(headings.length, row.length)).toBeLessThan(60)
    expect(await holdfast.ask('leases')).toMatchObject({ answer: { leases: [{ lane, region: [region] }] } })
  })
})

it.runIf(hasScript).concurrent('what stands below the table of liveness fits the terminal as well', async () => {
  const holdfast = new Holdfast()
  await holdfast.call(['acquire', 'api', '--holder', 'a'])
  writeFileSync(holdfast.path('c.json'), '{"progress":{"files":true,"commits":true}}')
  const { stdout } = await holdfast.bash(
    `${SCRIPT} --quiet --return --command "stty columns 60; env -u CI NO_COLOR=1 $HOLDFAST_COMMAND liveness --config c.json" /dev/null`,
  )
  const lines = stdout.trimEnd().split(/\r?\n/)
  expect(lines.map(line => line.trim()).join(' ')).toContain(
    'Work: the log, files changed under the region and commits in',
  )
  expect(Math.max(...lines.map(line => line.length))).toBeLessThan(60)
})

describe('what others have written', () => {
  it.concurrent('never moves the cursor', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['acquire', 'api', '--holder', 'a', '--reason', '\u001b[2Jgone\nagain'])
    const { stdout } = await holdfast.call(['log', '-n', '1'])
    expect(stdout).toContain(String.raw`\u{1b}[2Jgone\u{a}again`)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('a request that waits', () => {
  const waiting = (holder: string) => `acquire api --holder ${holder} --wait 1s`

  it.runIf(hasScript).concurrent('tells a person for whom and how long, and takes the line away', async () => {
    const { stdout } = await ready(`${SCRIPT} --quiet --return --command "$HOLDFAST_COMMAND ${waiting('b')}" /dev/null`)
    expect(stdout).toContain('\rwaiting 1s for api: a holds api@1, ')
    expect(stdout).toContain(`; gives up in 1s${ESCAPE}K`)
    expect(stdout).toContain(`\r${ESCAPE}K`)
  })

  it.concurrent('tells a script nothing before its answer', async () => {
    const holdfast = new Holdfast()
    await holdfast.call(['acquire', 'api', '--holder', 'a'])
    const { stderr, exitCode } = await holdfast.call(waiting('b').split(' '))
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 3 })
  })
})

/** A pseudo terminal of `script`, which leaves its own traces unless they go elsewhere. */
function onTerminal(setting: string): string {
  return `${SCRIPT} --quiet --return --command "env -u NO_COLOR -u CI -u FORCE_COLOR TERM=xterm-256color ${setting} $HOLDFAST_COMMAND leases" /dev/null`
}

async function ready(line: string): Promise<{ readonly stdout: string }> {
  const holdfast = new Holdfast()
  await holdfast.call(['acquire', 'api', '--holder', 'a'])
  return holdfast.bash(line)
}
