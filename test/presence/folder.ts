import type { BeatFiles } from '@holdfast/engine/internal'

interface StoredFile {
  readonly text: string
  readonly modifiedAtMs: number
}

/**
 * A folder in memory. `before` runs ahead of each operation, so that a test can act as another process at exactly that
 * point; it may throw as the system would.
 */
export class Folder implements BeatFiles {
  readonly stored = new Map<string, StoredFile>()
  readonly #wallMs: () => number
  before: (operation: keyof BeatFiles, path: string) => void = () => {}
  missing = false

  constructor(wallMs: () => number) {
    this.#wallMs = wallMs
  }

  get names(): string[] {
    return [...this.stored.keys()].map(path => path.slice(path.lastIndexOf('/') + 1)).sort()
  }

  put(path: string, text: string, modifiedAtMs = this.#wallMs()): void {
    this.stored.set(path, { text, modifiedAtMs })
  }

  async list(directory: string): ReturnType<BeatFiles['list']> {
    this.before('list', directory)
    return this.missing ? { found: 'missing' } : { found: 'folder', names: this.names }
  }

  async read(path: string, bytesMax: number): ReturnType<BeatFiles['read']> {
    this.before('read', path)
    const file = this.stored.get(path)
    if (file === undefined) return { found: 'missing' }
    return file.text.length > bytesMax ? { found: 'unusable', detail: 'too large' } : { found: 'file', ...file }
  }

  async replace(path: string, text: string): Promise<void> {
    this.before('replace', path)
    this.put(path, text)
  }

  async move(from: string, to: string): Promise<boolean> {
    this.before('move', from)
    const file = this.stored.get(from)
    if (file === undefined) return false
    this.stored.delete(from)
    this.stored.set(to, file)
    return true
  }

  async giveBack(from: string, to: string): Promise<void> {
    this.before('giveBack', from)
    const file = this.stored.get(from)
    if (file !== undefined && !this.stored.has(to)) this.stored.set(to, file)
    this.stored.delete(from)
  }

  async remove(path: string): Promise<boolean> {
    this.before('remove', path)
    return this.stored.delete(path)
  }
}
