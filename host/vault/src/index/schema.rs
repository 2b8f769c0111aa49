//! The tables, version by version.

use rusqlite::{Connection, TransactionBehavior};

/// What each version adds. A published step is never edited; a new version is a new step.
pub(super) const STEPS: [&str; 6] = ["
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
", "
    -- Time: the latest that any clock here showed, and from where it is counted on.
    ALTER TABLE vault ADD COLUMN seen INTEGER NOT NULL DEFAULT -9223372036854775808;
    ALTER TABLE vault ADD COLUMN boot BLOB;                       -- which start of the machine
    ALTER TABLE vault ADD COLUMN elapsed INTEGER;                 -- nanoseconds after it
    ALTER TABLE vault ADD COLUMN base INTEGER;                    -- it was this time then
    ALTER TABLE vault ADD COLUMN base_sure INTEGER NOT NULL DEFAULT 0; -- whether anybody agreed
    ALTER TABLE vault ADD COLUMN ledger_dir TEXT;                 -- where that is
    ALTER TABLE vault ADD COLUMN cloud INTEGER NOT NULL DEFAULT 0; -- whether the cloud was made this vault's
    ALTER TABLE vault ADD COLUMN shop TEXT NOT NULL DEFAULT '';
    ALTER TABLE vault ADD COLUMN unsure INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE vault ADD COLUMN ledger INTEGER NOT NULL DEFAULT 0; -- records that the ledger had
    UPDATE vault SET seen = latest;

    -- Why a deadline was brought forward; whether the bytes lie here.
    ALTER TABLE segments ADD COLUMN early TEXT;
    ALTER TABLE segments ADD COLUMN here INTEGER NOT NULL DEFAULT 1;
    CREATE INDEX segments_by_camera ON segments (camera, started);

    -- The day and class under whose key a key is wrapped. NULL: under the root secret, as versions 1 and 2 did.
    ALTER TABLE keys ADD COLUMN day INTEGER;
    ALTER TABLE keys ADD COLUMN hours INTEGER;
    CREATE INDEX keys_in_use ON keys (day, hours)
        WHERE wrapped <> x'000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000';

    -- Half of the keyring's key. One row, overwritten where it stands.
    CREATE TABLE ring (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        generation INTEGER NOT NULL,
        secret BLOB NOT NULL CHECK (length(secret) = 32)
    ) STRICT;

    -- Records on their way into the ledger.
    CREATE TABLE outbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id BLOB NOT NULL CHECK (length(id) = 16),
        at INTEGER NOT NULL,
        what TEXT NOT NULL
    ) STRICT;

    -- Copies in the cloud.
    CREATE TABLE copies (
        segment BLOB PRIMARY KEY REFERENCES segments (id),
        bytes INTEGER NOT NULL,
        uploaded INTEGER             -- NULL: begun
    ) STRICT;

    -- Who keeps a segment for longer than its class, and why.
    CREATE TABLE holds (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        segment BLOB NOT NULL REFERENCES segments (id),
        at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        reason TEXT NOT NULL,
        applied INTEGER              -- when its key was wrapped anew
    ) STRICT;

    -- Staff, by named key.
    CREATE TABLE staff (
        name TEXT PRIMARY KEY,
        role TEXT NOT NULL CHECK (role IN ('operator', 'privacy-officer', 'group-company')),
        key BLOB NOT NULL CHECK (length(key) = 32),
        company TEXT,                -- of a group company: the partner that it is
        added INTEGER NOT NULL
    ) STRICT;

    -- Partners, what they were granted, and what they opened.
    CREATE TABLE partners (
        name TEXT PRIMARY KEY,
        document TEXT NOT NULL,      -- JSON
        added INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE grants (
        id BLOB PRIMARY KEY CHECK (length(id) = 16),
        partner TEXT NOT NULL,
        document TEXT NOT NULL,      -- as it was signed
        key TEXT NOT NULL,           -- the partner's keys at that time
        issued INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        ended INTEGER,
        how TEXT CHECK (how IN ('expired', 'revoked', 'done'))
    ) STRICT;
    CREATE TABLE granted (
        given BLOB NOT NULL REFERENCES grants (id),
        segment BLOB NOT NULL REFERENCES segments (id),
        PRIMARY KEY (given, segment)
    ) STRICT;
    CREATE INDEX granted_by_segment ON granted (segment);
    CREATE TABLE releases (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        given BLOB NOT NULL REFERENCES grants (id),
        segment BLOB NOT NULL REFERENCES segments (id),
        nonce BLOB NOT NULL,         -- of the request: one opening each
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        UNIQUE (given, segment, nonce)
    ) STRICT;
    CREATE INDEX releases_by_segment ON releases (segment);

    -- What was handed out because a law demands it. A disclosure is an export, and has its row there too.
    CREATE TABLE disclosures (
        opening INTEGER PRIMARY KEY REFERENCES openings (number),
        authority TEXT NOT NULL,
        ground TEXT NOT NULL,
        scope TEXT NOT NULL
    ) STRICT;
", "
    -- A request that is answered once more is one more opening.
    CREATE TABLE released (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        given BLOB NOT NULL REFERENCES grants (id),
        segment BLOB NOT NULL REFERENCES segments (id),
        nonce BLOB NOT NULL,         -- of the request
        at INTEGER NOT NULL,
        who TEXT NOT NULL
    ) STRICT;
    INSERT INTO released SELECT number, given, segment, nonce, at, who FROM releases;
    DROP TABLE releases;
    ALTER TABLE released RENAME TO releases;
    CREATE INDEX releases_by_segment ON releases (segment);
", "
    -- A hold can end early: then the deadline goes back. `applied` is when the key was wrapped as the hold, or its end, asks for.
    ALTER TABLE holds ADD COLUMN released INTEGER;
    -- The deadline that a segment was recorded with. NULL: held by version 4 or 3, which did not note it.
    ALTER TABLE segments ADD COLUMN due INTEGER;
    UPDATE segments SET due = deadline WHERE id NOT IN (SELECT segment FROM holds WHERE applied IS NOT NULL);

    -- Whoever has a segment only stored (Art. 18 GDPR), and why.
    CREATE TABLE restrictions (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        segment BLOB NOT NULL REFERENCES segments (id),
        at INTEGER NOT NULL,
        reason TEXT NOT NULL,
        withdrawn INTEGER,           -- when what had been released of it in the cloud was gone
        lifted INTEGER
    ) STRICT;
    CREATE INDEX restrictions_in_force ON restrictions (segment) WHERE lifted IS NULL;

    -- What may not be seen for a while.
    CREATE TABLE pauses (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        camera TEXT NOT NULL,
        zone TEXT,                   -- NULL: all that the camera sees
        at INTEGER NOT NULL,
        until INTEGER,               -- NULL: until somebody says so
        reason TEXT NOT NULL,
        ended INTEGER
    ) STRICT;
    CREATE INDEX pauses_in_force ON pauses (camera) WHERE ended IS NULL;

    -- A copy for the person who asks is an export too.
    ALTER TABLE exports RENAME TO exports_before;
    CREATE TABLE exports (
        opening INTEGER PRIMARY KEY REFERENCES openings (number),
        form TEXT NOT NULL CHECK (form IN ('sealed', 'dataset', 'subject-copy')),
        destination TEXT NOT NULL
    ) STRICT;
    INSERT INTO exports SELECT opening, form, destination FROM exports_before;
    DROP TABLE exports_before;
", "
    -- So is a recording that somebody opened into a file.
    ALTER TABLE exports RENAME TO exports_before;
    CREATE TABLE exports (
        opening INTEGER PRIMARY KEY REFERENCES openings (number),
        form TEXT NOT NULL CHECK (form IN ('sealed', 'dataset', 'subject-copy', 'plain')),
        destination TEXT NOT NULL
    ) STRICT;
    INSERT INTO exports SELECT opening, form, destination FROM exports_before;
    DROP TABLE exports_before;
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
