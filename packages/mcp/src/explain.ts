import type { Told } from './told.ts'

/** What words of the answers mean, and what to do. Refusal codes have the names that the log has. */
const TOPICS: Readonly<Record<string, string>> = {
  start:
    'Before you write: claim the files (paths) or folders. Granted: write, then release. Refused: work elsewhere, or claim again with wait_seconds. Every call of a tool renews what you hold; if you make none for the time that claim told, the lease is over and you must not write any more. Each claim and release has a request_id of your choice: repeat a call whose answer you did not get with the same one.',
  lease:
    'A right to write in a region, named like src/api@12. It is yours from the grant until the time told, or until you release it.',
  lane: 'The name of a lock. A claim of paths uses the first path as its lane. A lane can cover no files at all (deploy, db-migration): then it is a plain lock.',
  region:
    'Files and folders that a lease covers. paths are literal; globs have wildcards: src/api/** is the folder and all below it.',
  holder:
    'Who holds a lease. Yours is in status. A session holds only what it was granted itself, even where another one has the same name.',
  'request-id':
    'Your name for one claim or release. The same call with the same request_id is the same request: it is done once. Another request needs another one.',
  'request-id-reused': 'That request_id stands for a claim of something else. Take another one.',
  'lane-held': 'Somebody holds that lane. Wait, or use another one.',
  'region-held':
    'Somebody holds files that you asked for. Wait in line (claim with wait_seconds), or claim other files.',
  'exclusive-lane-live':
    'Somebody holds it for himself alone, and you asked for all of something that includes it. Wait, or ask for less.',
  'budget-exhausted': 'As many leases of that kind live as may. Wait until one ends.',
  draining: 'An older holder lost it by force and may not know yet. Nobody may write there until the time told. Wait.',
  'queued-behind': 'Others asked before you. Claim with wait_seconds to keep a place in the line.',
  'held-by-self': 'A lease of your own name covers it. status tells whether it is of this session: then work under it.',
  'self-conflict': 'What you ask for cannot be held together. Ask for less.',
  'unknown-lane': 'Only declared lanes exist here, and this is none. A person can declare it.',
  'orphan-alive': 'The holder is gone, but something that it started still runs. Wait, or tell a person.',
  'awaiting-reap': 'The work is over, and a program has to clean up first. Wait, or tell a person.',
  'still-held': 'Its holder shows signs of life. Wait.',
  'queue-full': 'Too many wait. Ask again later.',
  'predicate-refused': 'A rule of this repository refuses it. The reason is in the answer.',
  withdrawn: 'The request was taken back. Ask anew.',
  'in-grace':
    'The time of a lease is over, and the grace that follows is nobody’s. Any call of a tool brings your own back, if it comes in time.',
  expired: 'The time of a lease is over. Its holder must not write; others may be granted it.',
  'held-by-other': 'The file lies in the lease of somebody else.',
  'unknown-tree':
    'Your lease is of one work tree, and it is not known whether the file lies in it. A person has to look.',
  unclaimed: 'Nobody holds the file. Claim it before you write, or another one may do the same.',
  lost: 'Your lease ended without you: it expired, or somebody took it over. Stop writing there, look at what changed, claim it anew.',
  stop: 'Somebody asks you to stop. End your work there and release the lease.',
}

/** `explain`: what a word means. */
export function explain(topic: string | undefined): Told {
  const asked = (topic ?? 'start')
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-')
  const text = Object.hasOwn(TOPICS, asked) ? TOPICS[asked] : undefined
  const known = Object.keys(TOPICS).join(', ')
  if (text === undefined) return { text: `No such topic. Known: ${known}.`, next: [] }
  return { text: topic === undefined ? `${text}\nTopics: ${known}.` : text, next: [] }
}
