import type { Define } from './table.ts'
export const liveness: Define = () => {}
