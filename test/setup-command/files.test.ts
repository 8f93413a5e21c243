import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import {
  AGENT_NAMES,
  agentsPresent,
  applySetup,
  detectAgents,
  planSetup,
  pathOfAgents,
  portableProgram,
  programOf,
  sandboxAdvice,
  setupDrift,
} from '@holdfast/engine/agent-setup'
import { describe, expect, it } from 'vitest'
import { Project, SKILL } from './project.ts'

const CLAUDE = '.claude/settings.json'

describe('a file that setup writes', () => {
  it('names no path of this machine, for every agent and way to call the program', async () => {
    for (const program of [{ by: 'path' }, { by: 'project' }] as const) {
      using project = new Project()
      await project.setUp(AGENT_NAMES, { program })
      for (const [name, content] of Object.entries(project.everything())) {
        const text = Buffer.from(content.split(' ')[1] ?? '', 'hex').toString()
        for (const path of [project.root, project.home, process.execPath]) expect(`${name} ${text}`).not.toContain(path)
      }
    }
  })

  it('keeps its mode, and stays a link', async () => {
    using project = new Project()
    mkdirSync(join(project.home, 'dotfiles'))
    const there = join(project.home, 'dotfiles', 'claude.json')
    writeFileSync(there, '{}')
    chmodSync(there, 0o600)
    mkdirSync(project.path('.claude'))
    symlinkSync(there, project.path(CLAUDE))
    await project.setUp(['claude-code'])
    expect(lstatSync(project.path(CLAUDE)).isSymbolicLink()).toBe(true)
    expect(readFileSync(there, 'utf8')).toContain('guard check --hook claude-code')
    expect(statSync(there).mode & 0o777).toBe(0o600)
  })

  it.each(['file', 'folder', 'link to nothing yet'])(
    'is never outside of the project and the home: a %s',
    async kind => {
      using project = new Project()
      const outside = project.outside('outside')
      mkdirSync(outside)
      if (kind === 'folder') symlinkSync(outside, project.path('.claude'))
      else {
        mkdirSync(project.path('.claude'))
        if (kind === 'file') writeFileSync(join(outside, 'settings.json'), '{}')
        symlinkSync(join(outside, 'settings.json'), project.path(CLAUDE))
      }
      await expect(project.setUp(['claude-code'])).rejects.toThrow('outside of the project')
      expect(existsSync(project.path('.mcp.json'))).toBe(false)
    },
  )

  it.each([
    ['{\n  "hooks": {\n', 'line 3, column 1'],
    ['{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3'],
    ['[]', 'is no object'],
    ['{"hooks": {"PreToolUse": {}}}', 'hooks.PreToolUse is no list'],
    ['{"hooks": 7}', 'hooks is no object'],
  ])('is refused with its place where it is torn, and nothing is written: %j', async (text, message) => {
    using project = new Project()
    project.write(CLAUDE, text)
    const before = project.everything()
    await expect(project.setUp(['codex', 'claude-code'])).rejects.toThrow(message)
    await expect(project.setUp(['codex', 'claude-code'])).rejects.toThrow(CLAUDE)
    expect(project.everything()).toEqual(before)
  })

  it('is refused where it is torn TOML, or no text', async () => {
    using project = new Project()
    project.write('.codex/config.toml', 'a = 1\nb = \n')
    await expect(project.setUp(['codex'])).rejects.toThrow('line 2')
    project.write('.codex/config.toml', Buffer.from([0xff, 0xfe, 0x00]))
    await expect(project.setUp(['codex'])).rejects.toThrow('UTF-8')
  })

  it('is left alone where somebody changed it after it was shown', async () => {
    using project = new Project()
    project.write(CLAUDE, '{}')
    const question = project.question(['claude-code'])
    const plan = await planSetup(question)
    project.write(CLAUDE, '{"mine": 1}')
    await expect(applySetup(question, plan)).rejects.toThrow('changed by somebody else just now')
    expect(project.read(CLAUDE)).toBe('{"mine": 1}')
  })
})

describe('what others wrote', () => {
  it('stays in a list and a group, and an older hook of ours is replaced until ours goes', async () => {
    using project = new Project()
    const theirs = { type: 'command', command: 'npm test' }
    const old = { type: 'command', command: "'/old/node' x.js guard check --hook claude-code || exit 2" }
    const group = { matcher: 'Edit', hooks: [theirs, old] }
    project.write(CLAUDE, JSON.stringify({ hooks: { PreToolUse: [group] } }))
    const before = project.everything()
    await project.setUp(['claude-code'])
    const { hooks } = JSON.parse(project.read(CLAUDE)) as { hooks: Record<string, unknown[]> }
    expect(hooks['PreToolUse']).toEqual([
      { matcher: 'Edit', hooks: [theirs] },
      { matcher: '*', hooks: [{ type: 'command', command: 'holdfast guard check --hook claude-code || exit 2' }] },
    ])
    await project.setUp(['claude-code'], { remove: true })
    expect(project.everything()).toEqual(before)
  })

  it('stays where a table, a skill or a rule of that name is theirs', async () => {
    using project = new Project()
    const toml = '[mcp_servers.holdfast]\ncommand = "mine"\n'
    project.write('.codex/config.toml', toml)
    project.write('.agents/skills/holdfast/SKILL.md', 'mine')
    project.write('holdfast.config.json', '{"guard": {"unclaimed": "refuse"}}')
    const plan = await planSetup(project.question(['codex']))
    expect(plan.files.filter(({ notes }) => notes.length > 0).map(({ before, after }) => before === after)).toEqual([
      true,
      true,
      true,
    ])
    expect(plan.files.flatMap(({ notes }) => notes).join('\n')).toMatch(/stays as it is[^]*stays as it is[^]*stays so/)
  })

  it('is a skill that another agent still reads', async () => {
    using project = new Project()
    await project.setUp(['codex', 'gemini-cli'])
    await project.setUp(['codex'], { remove: true })
    expect(project.read('.agents/skills/holdfast/SKILL.md')).toBe(SKILL)
    expect(project.read('holdfast.config.json')).toContain('claim')
    expect(existsSync(project.path('.codex'))).toBe(false)
    await project.setUp(['gemini-cli'], { remove: true })
    expect(Object.keys(project.everything())).toEqual([])
  })
})

it('another program replaces the hooks of the one before, and doctor calls that another path', async () => {
  using project = new Project()
  await project.setUp(['claude-code', 'opencode'], { program: { by: 'words', words: '/gone/holdfast' } })
  const changed = await project.setUp(['claude-code', 'opencode'])
  expect(changed.toSorted()).toEqual([CLAUDE, '.mcp.json', '.opencode/plugins/holdfast.js', 'opencode.json'])
  expect(JSON.stringify(project.everything())).not.toContain(Buffer.from('/gone').toString('hex'))
  const text = project.read(CLAUDE)
  project.write(CLAUDE, text.replaceAll('holdfast guard', '/gone/holdfast guard'))
  const [drift, ...more] = await setupDrift(project.place, SKILL)
  expect([drift?.agent, more]).toEqual(['claude-code', []])
  expect(drift?.fault).toContain('another path')
})

describe('what is not as setup wrote it', () => {
  it('is nothing after a setup, in a clone, and where only `guard install` was called', async () => {
    using project = new Project()
    await project.setUp(AGENT_NAMES, { program: { by: 'project' } })
    expect(await setupDrift(project.place, SKILL)).toEqual([])
    project.write('.holdfast/setup.json', '')
    expect(agentsPresent(project.place)).toEqual(AGENT_NAMES)
    expect(await setupDrift(project.place, SKILL)).toEqual([])
    using other = new Project()
    other.write(
      CLAUDE,
      '{"hooks": {"PreToolUse": [{"hooks": [{"command": "x guard check --hook claude-code || exit 2"}]}]}}',
    )
    expect(await setupDrift(other.place, SKILL)).toEqual([])
  })

  it('is told with its file: a hook or a server that is gone, a skill of an older version, a torn file', async () => {
    using project = new Project()
    await project.setUp(['claude-code', 'codex'])
    const settings = project.read(CLAUDE)
    project.write(CLAUDE, settings.replace(/ *"Stop": .*\n/, ''))
    project.write('.mcp.json', '{}')
    project.write('.agents/skills/holdfast/SKILL.md', `${SKILL}older`)
    project.write('.codex/config.toml', 'x = ')
    const drift = await setupDrift(project.place, SKILL)
    const files = drift.map(({ agent, file, fault }) => [agent, file.slice(project.root.length + 1), fault])
    expect(files).toEqual([
      ['claude-code', CLAUDE, expect.stringContaining('gone from it')],
      ['claude-code', '.mcp.json', expect.stringContaining('gone from it')],
      ['codex', '.codex/config.toml', expect.stringContaining('no TOML')],
    ])
  })

  it('is an older set of hooks', async () => {
    using project = new Project()
    await project.setUp(['cursor'])
    project.write('.holdfast/setup.json', project.read('.holdfast/setup.json').replace('"hookSet": 1', '"hookSet": 0'))
    project.write('.cursor/hooks.json', '{"version": 1, "hooks": {}}')
    const faults = (await setupDrift(project.place, SKILL)).map(({ fault }) => fault)
    expect(faults).toEqual([expect.stringContaining('an older version')])
  })
})

describe('where things are', () => {
  it('agents are seen in the project and in the home', () => {
    using project = new Project()
    project.write('GEMINI.md', '')
    project.write('opencode.jsonc', '{}')
    mkdirSync(join(project.home, '.codex'))
    expect(detectAgents(project.place)).toEqual([
      { agent: 'codex', seen: [join(project.home, '.codex')] },
      { agent: 'gemini-cli', seen: ['GEMINI.md'] },
      { agent: 'opencode', seen: ['opencode.jsonc'] },
    ])
  })

  it('a user has everything in the home, and nothing in the project', async () => {
    using project = new Project()
    await project.setUp(['codex', 'opencode'], { scope: 'user' })
    expect(Object.keys(project.everything())).toEqual([])
    expect(existsSync(join(project.home, '.codex', 'hooks.json'))).toBe(true)
    expect(existsSync(join(project.home, '.config', 'opencode', 'plugins', 'holdfast.js'))).toBe(true)
    await project.setUp(['codex', 'opencode'], { scope: 'user', remove: true })
    expect(existsSync(join(project.home, '.codex'))).toBe(false)
    expect(existsSync(join(project.home, '.config'))).toBe(false)
  })

  it('the program is the one on the PATH, but not what npx has put there for one call', () => {
    using project = new Project()
    const bin = project.path('node_modules', '.bin')
    project.write('node_modules/.bin/holdfast', '#!/bin/sh\n')
    chmodSync(join(bin, 'holdfast'), 0o755)
    const installed = project.outside('bin')
    mkdirSync(installed)
    expect(portableProgram(project.root, [bin, installed].join(delimiter))).toEqual({ by: 'project' })
    // The Node of the machine may be too old, and an agent does not look for that of the project.
    project.write('node_modules/.bin/node', '#!/bin/sh\n')
    const own = portableProgram(project.root, [bin, installed].join(delimiter))
    expect(own).toEqual({ by: 'project', ownNode: true })
    expect(own === null ? '' : programOf(own, 'claude-code')).toBe(
      '"$CLAUDE_PROJECT_DIR"/node_modules/.bin/node "$CLAUDE_PROJECT_DIR"/node_modules/.bin/holdfast',
    )
    expect(pathOfAgents([bin, installed].join(delimiter))).toBe(installed)
    writeFileSync(join(installed, 'holdfast'), '', { mode: 0o755 })
    expect(portableProgram(project.root, [bin, installed].join(delimiter))).toEqual({ by: 'path' })
    expect(portableProgram(project.home, bin)).toBeNull()
  })

  it('a sandbox that cannot reach the ledger is told of, with what to allow', () => {
    using project = new Project()
    const inGit = project.path('.git', 'holdfast', 'ledger.db')
    const inTree = project.path('.holdfast', 'ledger.db')
    const elsewhere = project.outside('main', '.holdfast', 'ledger.db')
    const advice = (agent: (typeof AGENT_NAMES)[number], path: string) => sandboxAdvice(agent, path, project.place)
    expect(advice('codex', inGit)).toContain(`holdfast move --to sqlite:${inTree}`)
    expect(advice('codex', inTree)).toBeNull()
    expect(advice('claude-code', elsewhere)).toBeNull()
    project.write('.claude/settings.local.json', '{"sandbox": {"enabled": true}}')
    expect(advice('claude-code', elsewhere)).toContain('allowWrite')
    expect(advice('claude-code', inGit)).toBeNull()
    expect(advice('cursor', inGit)).toContain('additionalReadwritePaths')
  })
})
