export { mcpDoor } from './http.ts'
export { serveStdio, type StdioOptions } from './stdio.ts'
