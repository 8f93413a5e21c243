/** The agents that setup knows. */
export const AGENT_NAMES = ['claude-code', 'codex', 'cursor', 'gemini-cli', 'opencode'] as const
export type AgentName = (typeof AGENT_NAMES)[number]

export function isAgentName(name: string): name is AgentName {
  return AGENT_NAMES.some(known => known === name)
}
