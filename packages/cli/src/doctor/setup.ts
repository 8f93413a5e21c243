import { plain } from '../print/plain.ts'
import { setupPlace } from '../setup/setup-place.ts'
import { obstruction, type Examination } from './examination.ts'

/** What `setup` wrote, for the project and the user: what is gone lets an agent write unseen, or leaves it without tools. */
export const agents: Examination = async ({ shell: { typed } }) => {
  // Late: it reads JSON with comments and TOML, and the skill.
  const { setupDrift } = await import('@holdfast/engine/agent-setup')
  const { SKILL } = await import('@holdfast/mcp/skill')
  const drift = await Promise.all(
    (['project', 'user'] as const).map(async scope => {
      const place = setupPlace(scope, { evenHome: true })
      const found = await setupDrift(place, SKILL)
      return found.map(each => ({ ...each, scope }))
    }),
  )
  const found = drift.flat().map(({ agent, file, fault, scope }) => {
    const flags = { ...(scope === 'user' ? { scope } : {}), yes: true } as const
    return {
      subject: file,
      text: `${plain(file)}, which \`holdfast setup\` wrote for ${agent}: ${plain(fault)}`,
      since: null,
      until: null,
      next: [{ action: 'repair' as const, text: 'write it anew', command: typed.call('setup', [agent], flags, {}) }],
    }
  })
  return [obstruction('setup', found)]
}
