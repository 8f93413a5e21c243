// Sessions of coding agents: their names, their leases, what they have to hear.
export { EDIT_KIND, planClaims, type ClaimLimits, type ClaimPlan } from './claim-plan.ts'
export { isBeatDue, sessionLeases } from './own-leases.ts'
export {
  beatSession,
  beginSession,
  claimPlanned,
  endWait,
  releaseSession,
  waitForHuman,
  waitOf,
  type ClaimOutcome,
  type LongRun,
} from './session-commands.ts'
export { SessionFiles } from './session-files.ts'
export { sessionKey, type SessionKey } from './session-key.ts'
export { sessionName } from './session-name.ts'
export { heard, newsId, sessionNews, type News, type Trespass } from './session-news.ts'
export { sessionRecord, type KnownLease, type SessionRecord } from './session-record.ts'
