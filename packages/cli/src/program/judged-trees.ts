import type { judgeTrees } from './judge-trees.ts'

/** What others have claimed in folders that are written as a whole. Hardly any command does that. */
export async function judgedTrees(...about: Parameters<typeof judgeTrees>): ReturnType<typeof judgeTrees> {
  const [, trees] = about
  if (trees.length === 0) return { refusals: [], isWhole: true }
  return (await import('./judge-trees.ts')).judgeTrees(...about)
}
