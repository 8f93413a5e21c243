/** Whether a folder is `top` or lies below it; both absolute. */
export function isWithin(folder: string, top: string): boolean {
  return folder === top || folder.startsWith(top === '/' ? top : `${top}/`)
}
