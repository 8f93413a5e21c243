// Makes docs/images/demo.svg from a real run of the demonstration:
//   npm run picture [-- FILE]      FILE: the coloured output of an earlier run, instead of a new one
// Left out are beats, starts and the single checks, and the picture says so. Changed are only the name of the temporary
// folder, the numbers of processes, and times, which are rounded to seconds.
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { picturedLines, svgOf } from './terminal-picture.ts'

const root = join(import.meta.dirname, '..')
const picture = join(root, 'docs', 'images', 'demo.svg')

/** Far longer than the demonstration takes. */
const DEADLINE_MS = 3 * 60_000

function demonstrated(): Promise<string> {
  return new Promise((resolve, reject) => {
    const demo = spawn(process.execPath, [join(root, 'demo', 'main.ts')], {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: '1', NO_COLOR: undefined },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: DEADLINE_MS,
    })
    const chunks: Buffer[] = []
    demo.stdout.on('data', (chunk: Buffer) => void chunks.push(chunk))
    demo.on('error', reject)
    demo.on('close', code => {
      if (code === 0) resolve(Buffer.concat(chunks).toString())
      else reject(new Error(`the demonstration ended with ${code}, so no picture is made of it`))
    })
  })
}

const [from] = process.argv.slice(2)
const output = from === undefined ? await demonstrated() : readFileSync(from, 'utf8')
mkdirSync(dirname(picture), { recursive: true })
writeFileSync(picture, svgOf(picturedLines(output)))
console.log(`wrote ${picture}`)
