import type { Define } from './table.ts'
export const run: Define = () => {}
