import { realpath, readFile, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

/** Bytes that one file of the page has at most. */
const FILE_BYTES_MAX = 8 * 1024 * 1024

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** Nothing is fetched from elsewhere, nothing is shown in a frame, and no script stands in the page itself. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PLACEHOLDER = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Holdfast</title></head>
<body><h1>Holdfast</h1>
<p>The page is not built here. Build it with <code>npm run build</code> in the folder <code>packages/web</code>, and start
<code>holdfast serve</code> again. The HTTP interface works without it: see <a href="/openapi.json">/openapi.json</a>.</p>
</body></html>
`

/** A file of the page; `null`: there is none. Names that lead out of the folder are no files of it. */
export async function pageFile(folder: string | null, path: string): Promise<Response | null> {
  const name = path === '/' ? 'index.html' : path.slice(1)
  const type = TYPES[extname(name)]
  if (type === undefined || name.split('/').some(part => part === '' || part.startsWith('.'))) return null
  const bytes = folder === null ? null : await readWithin(folder, name)
  if (bytes === null && name !== 'index.html') return null
  // What vite builds has its hash in its name.
  const cache = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'
  const headers = { 'Content-Type': type, 'Content-Security-Policy': PAGE_POLICY, 'Cache-Control': cache }
  return new Response(bytes === null ? PLACEHOLDER : new Uint8Array(bytes), { headers })
}

async function readWithin(folder: string, name: string): Promise<Buffer | null> {
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, name))])
    if (!file.startsWith(root + sep)) return null
    const found = await stat(file)
    return found.isFile() && found.size <= FILE_BYTES_MAX ? await readFile(file) : null
  } catch {
    return null
  }
}
