/** Marks the file as ours in SQLite's header: "HFLD". */
export const APPLICATION_ID = 0x48_46_4c_44

/**
 * Version of the tables below (`user_version`). The plan: 2 adds the archive (`archive_chunks`) for compaction, and is
 * an upgrade in place inside one transaction; a program never opens a higher version than its own.
 */
export const SCHEMA_FORMAT = 1

/** Streams that one file may hold: the upper bits of a place. */
export const STREAMS_MAX = 2 ** 21 - 1

const POSITIONS = 2 ** 32

/**
 * Key of an event: its stream in the upper bits, its position in the lower 32, so that one tree holds everything and a
 * stream's events lie side by side.
 */
export function placeOf(streamId: number, position: number): number {
  return streamId * POSITIONS + position
}

/** The position in a place. */
export function positionAt(place: number): number {
  return place % POSITIONS
}

export const SCHEMA = `
  -- One row: what the whole file agrees on. seq counts the write transactions.
  CREATE TABLE store (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    store_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    streams INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    time_namespace TEXT NOT NULL,
    uptime_origin_ms INTEGER NOT NULL,
    clock_base_ms INTEGER,
    seal TEXT NOT NULL
  ) STRICT;

  -- Where each stream ends. base_hash is what the first event that is still here chains to.
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    first_position INTEGER NOT NULL,
    base_hash TEXT NOT NULL,
    position INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    clock_at INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    clock_offset INTEGER NOT NULL,
    checkpoint_position INTEGER NOT NULL,
    hash TEXT NOT NULL,
    seal TEXT NOT NULL
  ) STRICT;

  -- The log. hash covers every column, the stream's name, and the hash before it.
  CREATE TABLE events (
    place INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    hash TEXT NOT NULL,
    stream_id INTEGER AS (place >> 32) VIRTUAL,
    position INTEGER AS (place & 4294967295) VIRTUAL
  ) STRICT;
  CREATE INDEX events_by_id ON events (event_id);
  CREATE INDEX checkpoints ON events (place) WHERE type = 'CHECKPOINT';
`
