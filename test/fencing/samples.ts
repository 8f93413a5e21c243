import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

const root = join(import.meta.dirname, '..', '..')

/** The samples of docs/fencing.md as modules, as they stand. */
export class Samples implements Disposable {
  readonly folder: string

  constructor() {
    const cache = join(root, 'test', 'node_modules', '.cache')
    mkdirSync(cache, { recursive: true })
    this.folder = mkdtempSync(join(cache, 'fencing-'))
    const text = readFileSync(join(root, 'docs', 'fencing.md'), 'utf8')
    for (const [, name, code = ''] of text.matchAll(/<!-- sample: (\w+) -->\n```ts\n(.*?)```/gs)) {
      writeFileSync(join(this.folder, `${name}.mjs`), stripTypeScriptTypes(code))
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

type Write = { readonly token: number; readonly text: string }

/** What the samples export. */
export interface Resources {
  readonly saveFile: (folder: string, name: string, write: Write) => boolean
  readonly loadFile: (folder: string, name: string) => string | null
  readonly saveRow: (database: DatabaseSync, id: string, write: Write) => boolean
  readonly fencedDocument: () => { readonly server: Server; readonly text: () => string }
  readonly saveRemote: (url: string, write: Write) => Promise<boolean>
}

/** Loads all samples of a folder. */
export async function loadSamples(folder: string): Promise<Resources> {
  const load = async (name: string): Promise<object> => (await import(join(folder, `${name}.mjs`))) as object
  return { ...(await load('file')), ...(await load('row')), ...(await load('request')) } as Resources
}
