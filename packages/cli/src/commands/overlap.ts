import type { Define } from './table.ts'
export const overlap: Define = () => {}
