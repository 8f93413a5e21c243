import type { ReapInput, ReapStreak } from './reap-input.ts'

/**
 * The streak after one more tick, or null when it is broken. Only a tick that finds the process and every recorded child
 * dead counts; alive and unknown break it. A new token, a pause beyond `maxTickGapMs` or a clock that went back start it
 * again at one; a second look in the same instant is the same tick.
 */
export const nextStreak = ({ lease, evidence, streak, policy }: ReapInput): ReapStreak | null => {
  if (
    !lease.bound ||
    lease.exit !== null ||
    evidence.process !== 'dead' ||
    childrenStatus({ lease, evidence }) !== 'dead'
  )
    return null
  const first: ReapStreak = { token: lease.token, deadTicks: 1, atMs: evidence.nowMs }
  if (streak === null || streak.token !== lease.token) return first
  const gapMs = evidence.nowMs - streak.atMs
  if (gapMs < 0 || gapMs > policy.maxTickGapMs) return first
  return gapMs === 0 ? streak : { ...first, deadTicks: streak.deadTicks + 1 }
}

/** All recorded children together: one alive is alive; dead only when each is (or there are none). */
export const childrenStatus = ({
  lease,
  evidence,
}: Pick<ReapInput, 'lease' | 'evidence'>): 'alive' | 'dead' | 'unknown' => {
  if (evidence.children.includes('alive')) return 'alive'
  const known = evidence.children.length >= lease.children && evidence.children.every(status => status === 'dead')
  return known ? 'dead' : 'unknown'
}
