import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-streams-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'src', 'print', 'text-stream.ts')

/** Writes to standard output when asked to, and tells on standard error what came of it. */
const PROGRAM = `
  import { writeSync } from 'node:fs'
  import { Socket } from 'node:net'
  import { TextStream } from ${JSON.stringify(file)}
  const told = what => writeSync(2, what + '\\n')
  const out = new TextStream(1, error => told('failed ' + error.code))
  // Another program at the same pipe that does not block, as Node's streams do not.
  if (process.argv[1] === 'shared') new Socket({ fd: 3, readable: false, writable: true }).unref()
  await new Promise(resolve => process.stdin.once('data', resolve))
  told(out.write('one\\n') ? 'written' : 'waits')
  if (process.argv[1] === 'twice') told(out.write('two\\n') ? 'written' : 'waits')
`

function start(stdout: 'pipe' | number, ...args: readonly string[]): ChildProcess {
  const shared = stdout === 'pipe' ? [] : [stdout]
  const stdio = ['pipe' as const, stdout, 'pipe' as const, ...shared]
  return spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, ...args], { stdio })
}

/** The next lines on standard error. */
async function told(child: ChildProcess, lines: number): Promise<string> {
  let text = ''
  while (text.split('\n').length <= lines) {
    const [piece] = (await once(child.stderr ?? child, 'data')) as [Buffer]
    text += piece.toString()
  }
  return text
}

describe('a text on standard output', () => {
  test('goes out at once, and what follows it comes behind it', async () => {
    const child = start('pipe', 'twice')
    let text = ''
    child.stdout?.on('data', (piece: Buffer) => (text += piece.toString()))
    child.stdin?.end('go')
    expect(await told(child, 2)).toBe('written\nwritten\n')
    await once(child, 'close')
    expect(text).toBe('one\ntwo\n')
  })

  test('waits in a stream where the pipe is full, and is lost nowhere', async () => {
    const path = join(folder, 'full')
    execFileSync('bash', ['-c', 'mkfifo "$0"', path])
    const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    const filling = filled(pipe)
    const child = start(pipe, 'shared')
    child.stdin?.end('go')
    expect(await told(child, 1), 'it does not stand still before the reader comes').toBe('written\n')
    const closed = once(child, 'close')
    expect(taken(pipe, filling)).toMatch(/^x+$/)
    await closed
    expect(taken(pipe, 4)).toBe('one\n')
    closeSync(pipe)
  })

  test('that nobody reads any more is told as EPIPE', async () => {
    const child = start('pipe')
    const gone = once(child.stdout ?? child, 'close')
    child.stdout?.destroy()
    await gone
    child.stdin?.end('go')
    expect(await told(child, 2)).toBe('failed EPIPE\nwritten\n')
  })
})

/** Fills a pipe; gives how much it takes. */
function filled(pipe: number): number {
  let length = 0
  try {
    for (;;) length += writeSync(pipe, 'x'.repeat(512))
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' })
    return length
  }
}

/** Takes so much of what is there: whether asking for more would wait is for the last program at the pipe to say. */
function taken(pipe: number, length: number): string {
  const bytes = Buffer.alloc(length)
  let have = 0
  while (have < length) have += readSync(pipe, bytes, have, length - have, null)
  return bytes.toString('latin1')
}
