/** Whether an error of the file system says that nothing is there. Everything else leaves open what is. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
