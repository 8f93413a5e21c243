/** The hook that asks about a commit: it belongs to no session of an agent. */
const OF_A_COMMIT = 'git'

/** Whether a line is the hook call of an agent, which reads, beats and claims in one program. */
export function isAgentHook(word: string | null, args: readonly string[]): boolean {
  if (word !== 'guard') return false
  const place = args.findIndex(arg => arg === '--hook' || arg.startsWith('--hook='))
  if (place < 0) return false
  const name = args[place] === '--hook' ? args[place + 1] : args[place]?.slice('--hook='.length)
  return name !== OF_A_COMMIT
}
