import type { Connection } from './connection.ts'
import { integerIn } from './row.ts'
import { EVENTS_SCHEMA, placeOf, positionAt } from './schema.ts'
import type { StreamRow } from './stream-row.ts'

/**
 * Events that one transaction removes from the log's table, and how many such transactions one compaction makes. Ids lie
 * scattered over their index: in a long one each removal writes a page of its own.
 */
const REMOVED_MAX = 2_000
export const REMOVALS_MAX = 25

/** From so many on the whole table is set aside, and the events that live are copied, if they are no more than this. */
const SET_ASIDE_FROM = 50_000
const COPIED_MAX = 50_000

/** Events that one transaction removes from a table that was set aside: it has no index, and they lie side by side. */
const DISCARDED_MAX = 20_000

const SELECT_OLDEST = 'SELECT place FROM events WHERE place BETWEEN ? AND ? ORDER BY place LIMIT 1'
const REMOVE = 'DELETE FROM events WHERE place BETWEEN ? AND ?'
const FIND_SET_ASIDE = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'events_set_aside'"
const SET_ASIDE = `
  DROP INDEX events_by_id;
  DROP INDEX checkpoints;
  ALTER TABLE events RENAME TO events_set_aside;
  ${EVENTS_SCHEMA}`
const COPY = `
  INSERT INTO events (place, revision, event_id, type, schema_version, recorded_at, body, hash)
  SELECT place, revision, event_id, type, schema_version, recorded_at, body, hash
  FROM events_set_aside WHERE place BETWEEN ? AND ?`
const SELECT_NTH = 'SELECT place FROM events_set_aside ORDER BY place LIMIT 1 OFFSET ?'
const DISCARD = 'DELETE FROM events_set_aside WHERE place <= ?'

/** What one step did. `removed`: it was one of the steps of which a compaction makes only a few. */
export type Clearing = 'discarded' | 'set-aside' | 'removed' | 'nothing-left'

/**
 * One step of removing what lies before where a log begins, which nobody reads any more: short, whatever there is of it.
 * Few are removed from the table. Where they are many, the table is set aside with them, and goes piece by piece.
 */
export function clearEvents(connection: Connection, stream: StreamRow): Clearing {
  if (connection.prepared(FIND_SET_ASIDE).get() !== undefined) return discard(connection)
  const { id, tip } = stream
  const end = placeOf(id, tip.firstPosition) - 1
  const oldest = connection.prepared(SELECT_OLDEST).get(placeOf(id, 0), end)
  if (oldest === undefined) return 'nothing-left'
  const place = integerIn(oldest, 'place')
  if (tip.firstPosition - positionAt(place) >= SET_ASIDE_FROM && live(connection) <= COPIED_MAX)
    return setAside(connection)
  connection.prepared(REMOVE).run(place, Math.min(end, place + REMOVED_MAX - 1))
  return 'removed'
}

/** Events of all logs of the file. */
function live(connection: Connection): number {
  return connection.streams().reduce((sum, { tip }) => sum + tip.position - tip.firstPosition + 1, 0)
}

function setAside(connection: Connection): Clearing {
  connection.database.exec(SET_ASIDE)
  const copy = connection.prepared(COPY)
  for (const { id, tip } of connection.streams()) copy.run(placeOf(id, tip.firstPosition), placeOf(id, tip.position))
  return 'set-aside'
}

function discard(connection: Connection): Clearing {
  const nth = connection.prepared(SELECT_NTH).get(DISCARDED_MAX - 1)
  if (nth === undefined) connection.database.exec('DROP TABLE events_set_aside')
  else connection.prepared(DISCARD).run(integerIn(nth, 'place'))
  return 'discarded'
}
