// What the demonstration's workers do: survey a part of this repository. Plain JavaScript, so that it starts fast.
//   node worker.mjs survey FOLDER SECONDS [FILE]   reads every file below FOLDER, at an even pace; with FILE it goes on
//                                                  until FILE is there
//   node worker.mjs narrate SECONDS                only says that it works
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [task, ...args] = process.argv.slice(2)
if (task === 'survey') await survey(args[0] ?? '.', Number(args[1] ?? 1), args[2])
else if (task === 'narrate') await narrate(Number(args[0] ?? 1))
else throw new Error(`unknown task ${task}`)

/** @param {string} folder @param {number} seconds @param {string | undefined} until */
async function survey(folder, seconds, until) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map(entry => join(entry.parentPath, entry.name))
  let lines = 0
  for (const file of files) {
    lines += readFileSync(file, 'utf8').split('\n').length
    await sleep((seconds * 1000) / files.length)
  }
  if (until !== undefined) while (!existsSync(until)) await sleep(100)
  console.log(`surveyed ${folder}: ${files.length} files, ${lines} lines (token ${process.env['HOLDFAST_TOKEN']})`)
}

/** @param {number} seconds */
async function narrate(seconds) {
  for (let said = 1; said <= seconds; said += 1) {
    if (said % 5 === 1) console.log('thinking about it …')
    await sleep(1000)
  }
}
