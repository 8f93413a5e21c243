/** The folder's names, in no order; a folder that is not there is an answer. */
export type FolderReading =
  | { readonly found: 'folder'; readonly names: readonly string[] }
  | { readonly found: 'missing' }

/** `unusable`: no plain file, too large, or the system refuses it; `detail` says which. */
export type FileReading =
  | { readonly found: 'file'; readonly text: string; readonly modifiedAtMs: number }
  | { readonly found: 'missing' }
  | { readonly found: 'unusable'; readonly detail: string }

/** What heartbeats need of a file system: small files that are replaced whole. Anything unexpected rejects. */
export interface BeatFiles {
  /** Rejects when the folder is there but cannot be read, or is no folder. */
  list(directory: string): Promise<FolderReading>

  /** Text and modification time of one and the same file, at most `bytesMax` of it. Never waits for a writer. */
  read(path: string, bytesMax: number): Promise<FileReading>

  /**
   * Puts `text` in the place that `path` leads to (a link stays) at once: a reader sees the old or the new text, whole. Makes the folder. With
   * `fsync` it survives a power cut once this resolves. Rejects where a pipe or a device is, which stays.
   */
  replace(path: string, text: string, options: { readonly fsync: boolean }): Promise<void>

  /** Moves a file within its folder; false when there is none. */
  move(from: string, to: string): Promise<boolean>

  /** Moves a file to a name that is free; when somebody has taken that name, theirs stays and `from` goes. */
  giveBack(from: string, to: string): Promise<void>

  /** False when it was gone already. */
  remove(path: string): Promise<boolean>
}
