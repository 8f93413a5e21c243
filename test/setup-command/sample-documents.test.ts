import { AGENT_NAMES, BEFORE_TOOL, sampledEvents, sampleDocument } from '@holdfast/engine/agent-setup'
import { readHook } from '@holdfast/engine/write-guard'
import { describe, expect, it } from 'vitest'
import { shapeOf } from '../agents/recorded.ts'

describe.each(AGENT_NAMES)('the documents that a setup of %s sends itself', agent => {
  const read = (event: string) => {
    const document = sampleDocument(agent, event, { session: 'abcd', folder: '/work', file: 'x.ts' })
    return readHook(shapeOf(agent), JSON.stringify(document))
  }

  it('are of events that its protocol knows, from the begin to the end of one session', () => {
    const kinds = sampledEvents(agent).map(event => {
      const { seen } = read(event)
      expect(seen).toMatchObject({ name: event, who: { session: 'abcd' } })
      return seen.kind
    })
    expect(kinds).not.toContain('unknown')
    expect([kinds[0], kinds.at(-1)]).toEqual(['session-start', 'session-end'])
  })

  it('name a file before a tool', () => {
    expect(read(BEFORE_TOOL[agent]).request).toMatchObject({ asks: 'writes', paths: ['x.ts'] })
  })
})
