import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..', '..')

/** The samples of a document that are marked to be run, as they stand. */
export function samplesOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return Array.from(
    text.matchAll(/<!-- sample: run by test\/readme -->\n```ts\n(.*?)```/gs),
    ([, sample = '']) => sample,
  )
}

/** Every block of TypeScript in a document. */
export function blocksOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return Array.from(text.matchAll(/^```(?:ts|typescript)\n(.*?)^```/gms), ([, block = '']) => block)
}

/** The commands of a document's marked session, split like a shell does with plain and 'quoted' words, and what each printed. */
export function sessionOf(file: string): readonly { readonly args: readonly string[]; readonly printed: string }[] {
  const text = readFileSync(join(root, file), 'utf8')
  const [, session = ''] = /<!-- session: run by test\/readme -->\n```console\n(.*?)```/s.exec(text) ?? []
  return session
    .split(/^\$ holdfast /m)
    .slice(1)
    .map(part => {
      const [line = '', ...printed] = part.split('\n')
      return {
        args: Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, word]) => quoted ?? word ?? ''),
        printed: printed.join('\n'),
      }
    })
}

/** The first of those that are marked. */
export function sampleOf(file: string): string {
  const [sample] = samplesOf(file)
  if (sample === undefined) throw new Error(`${file} has no sample`)
  return sample
}

/** Runs a sample in a fresh folder and hands its output and the folder to `look`. */
export async function runSample(sample: string, look: (stdout: string, folder: string) => void): Promise<void> {
  // Beside the tests' own modules, so that the packages resolve; the working folder is a fresh one.
  const cache = join(root, 'test', 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const script = join(mkdtempSync(join(cache, 'readme-')), 'sample.mjs')
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-readme-'))
  try {
    writeFileSync(script, stripTypeScriptTypes(sample))
    const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: folder })
    look(stdout, folder)
  } finally {
    rmSync(folder, { recursive: true })
    rmSync(join(script, '..'), { recursive: true })
  }
}
