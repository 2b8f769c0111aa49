//! The tables, version by version.

use rusqlite::{Connection, TransactionBehavior};

/// What each version adds. A published step is never edited; a new version is a new step.
pub(super) const STEPS: [&str; 2] = ["
    -- One row: what belongs to the vault as a whole.
    CREATE TABLE vault (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        root BLOB NOT NULL,          -- fingerprint of the root secret: a wrong one is told at once
        latest INTEGER NOT NULL      -- the latest time ever seen, nanoseconds since 1970: a clock set back keeps nothing longer
    ) STRICT;

    CREATE TABLE segments (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        shop TEXT NOT NULL,
        camera TEXT NOT NULL,
        started INTEGER NOT NULL,    -- nanoseconds since 1970, like all times here
        deadline INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('writing', 'sealed', 'recovered', 'shredded', 'destroyed', 'abandoned', 'lost')),
        generation INTEGER NOT NULL, -- which key and object are the valid ones
        bytes INTEGER NOT NULL,      -- of the sealed object; 0 while it is written
        summary TEXT,                -- JSON, once it is sealed
        note TEXT                    -- for people: what recovery found
    ) STRICT;
    CREATE INDEX segments_by_state ON segments (state, deadline);

    -- Wrapped keys. A key is destroyed by overwriting it where it stands, with as many zeros, and rows are only ever added at the end: so the pages of
    -- this table are never rearranged, and no page keeps a forgotten copy of a key that has moved.
    CREATE TABLE keys (
        slot INTEGER PRIMARY KEY AUTOINCREMENT,
        segment BLOB NOT NULL REFERENCES segments (id),
        generation INTEGER NOT NULL,
        wrapped BLOB NOT NULL CHECK (length(wrapped) = 60),
        UNIQUE (segment, generation)
    ) STRICT;

    -- That a segment was destroyed, when, and why.
    CREATE TABLE receipts (
        segment BLOB PRIMARY KEY REFERENCES segments (id),
        ending TEXT NOT NULL CHECK (ending IN ('destroyed', 'abandoned', 'lost')),
        reason TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        key_destroyed INTEGER NOT NULL,
        bytes_destroyed INTEGER      -- NULL until the store says that they are gone
    ) STRICT;

    -- Who opened a segment, and why.
    CREATE TABLE openings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        segment BLOB NOT NULL REFERENCES segments (id),
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        how TEXT NOT NULL CHECK (how IN ('open', 'export')),
        reason TEXT NOT NULL
    ) STRICT;
    CREATE INDEX openings_by_segment ON openings (segment);
", "
    -- Where an exported segment went, so that it can be found when it must be erased. An export is an opening, and has its row there too.
    CREATE TABLE exports (
        opening INTEGER PRIMARY KEY REFERENCES openings (number),
        form TEXT NOT NULL CHECK (form IN ('sealed', 'dataset')),
        destination TEXT NOT NULL    -- for people: a folder of this machine, as it was when the segment was written there
    ) STRICT;
"];

/// The version that this program writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// The version of an index; 0 is an empty file.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings an index from its version to [`VERSION`], whole or not at all.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or(STEPS.len());
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()
}
