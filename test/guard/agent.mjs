// A scripted coding agent: asks its hook before each edit, as agents do, and commits. Blocked, it waits for a lease.
//   node agent.mjs HOLDER FILE TEXT HOOKED
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'

const [holder = '', file = '', text = '', hooked = ''] = process.argv.slice(2)
const environment = { ...process.env, HOLDFAST_HOLDER: holder }
const say = (/** @type {string} */ word) => appendFileSync('journal', `${holder} ${word}\n`)

/** @returns {string[]} the commands that the settings name for this moment */
function hooks() {
  if (hooked !== 'hooked') return []
  const settings = /** @type {{hooks: {PreToolUse: {hooks: {command: string}[]}[]}}} */ (
    JSON.parse(readFileSync('.claude/settings.json', 'utf8'))
  )
  return settings.hooks.PreToolUse.flatMap(entry => entry.hooks.map(hook => hook.command))
}

function mayWrite() {
  const input = JSON.stringify({
    tool_name: 'Write',
    tool_input: { file_path: file, content: text },
    cwd: process.cwd(),
  })
  return hooks().every(command => spawnSync('/bin/sh', ['-c', command], { input, env: environment }).status !== 2)
}

const holdfast = (/** @type {string[]} */ ...args) =>
  execFileSync(process.execPath, [process.env['AGENT_HOLDFAST'] ?? '', ...args, '--json'], { env: environment })

if (!mayWrite()) {
  say('refused')
  holdfast('acquire', `edit-${holder}`, '--holder', holder, '--region', file, '--ttl', '1h', '--wait', '30s')
  say('granted')
  if (!mayWrite()) throw new Error('refused with a lease')
}
// What it read before it was refused is old: it builds on what stands there now.
const base = hooked === 'hooked' ? readFileSync(file, 'utf8') : ''
writeFileSync(file, `${base}${text}\n`)
execFileSync('git', ['commit', '-q', '-m', `${holder} writes`, file], { env: environment })
say('committed')
