import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { serverThere } from '../../packages/cli/src/program/server-there.ts'
import { HttpScene } from '../http/http-scene.ts'

/** What commands say, one after the other in one program. */
function said(at: HttpScene, lines: readonly (readonly string[])[]): Promise<readonly string[]> {
  const { folder } = at.scene
  const file = join(folder, 'lines.json')
  writeFileSync(file, JSON.stringify(lines))
  const runner = join(import.meta.dirname, '..', 'cli', 'run-lines.ts')
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_'))
  const env = { ...Object.fromEntries(others), NO_COLOR: '1' }
  return new Promise(resolve => {
    execFile(process.execPath, [runner, file], { cwd: folder, env }, (_error, out) =>
      resolve(out.split(/^#\d+\n/m).slice(1)),
    )
  })
}

it('status and doctor say who serves the store, since when and where, and when nobody does', async () => {
  const beganMs = Date.now()
  await using at = await HttpScene.make({}, { version: '1.2.3' })
  const { url, path } = at.scene
  const asked = ['status', 'doctor'].flatMap(command => [
    [command, '--store', url, '--json'],
    [command, '--store', url],
  ])
  const socket = expect.stringContaining(`${path}.serve/`) as string
  const [status = '', statusText, doctor = '', doctorText] = await said(at, asked)
  for (const json of [status, doctor, (await at.get('status')).text]) {
    const { server } = JSON.parse(json) as { readonly server: { readonly since: string } }
    expect(server).toMatchObject({ pid: process.pid, process: 'alive', version: '1.2.3', socket, listen: at.url })
    expect(Date.parse(server.since)).toBeGreaterThanOrEqual(beganMs)
    expect(Date.parse(server.since)).toBeLessThanOrEqual(Date.now())
  }
  for (const text of [statusText, doctorText]) {
    expect(text).toMatch(new RegExp(`process ${process.pid}, since \\d{4}-.*, version 1\\.2\\.3, socket .*, HTTP at `))
    expect(text).toContain(at.url)
  }
  // Of another host nothing is known here.
  expect(await serverThere(at.url)).toEqual({})
  await at.scene.stop()
  const [noStatus = '', noStatusText, noDoctor = '', noDoctorText] = await said(at, asked)
  for (const json of [noStatus, noDoctor]) expect(JSON.parse(json)).toMatchObject({ server: null })
  for (const text of [noStatusText, noDoctorText]) expect(text).toContain('none runs')
})
