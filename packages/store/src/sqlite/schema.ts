/** Marks the file as ours in SQLite's header: "HFLD". */
export const APPLICATION_ID = 0x48_46_4c_44

/** Marks a backup in its header, "HFLB": nothing is written to it until it has been restored. */
export const BACKUP_APPLICATION_ID = 0x48_46_4c_42

/**
 * Version of the tables below (`user_version`). 2 added the archive; a file of version 1 gets it with its first
 * compaction, inside that transaction. A program never opens a higher version than its own.
 */
export const SCHEMA_FORMAT = 2

/** The version from which on there is an archive. */
export const ARCHIVE_FORMAT = 2

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

export const ARCHIVE_SCHEMA = `
  -- What compaction took out of the log: packed events by the place of the first, and their links in its chain of hashes.
  -- A dropped chunk keeps everything but its body, so that the chain stays whole.
  CREATE TABLE archive_chunks (
    place INTEGER PRIMARY KEY,
    last_position INTEGER NOT NULL,
    from_revision INTEGER NOT NULL,
    to_revision INTEGER NOT NULL,
    oldest_recorded_at INTEGER NOT NULL,
    newest_recorded_at INTEGER NOT NULL,
    begins_with_checkpoint INTEGER NOT NULL,
    text_bytes INTEGER NOT NULL,
    before_hash TEXT NOT NULL,
    after_hash TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    codec TEXT NOT NULL,
    seal TEXT NOT NULL,
    body BLOB
  ) STRICT;
`

export const EVENTS_SCHEMA = `
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

  ${EVENTS_SCHEMA}
  ${ARCHIVE_SCHEMA}
`
