import type { Define } from './table.ts'
export const judge: Define = () => {}
