package dev.serai.reconcile.book;

/** The statements that make the tables of books unless they are there, as SQLite reads them. */
final class BookSchema {
    /** Of a {@link Book}. */
    static final String BOOK = """
            CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS followed (shard INTEGER PRIMARY KEY, seq INTEGER NOT NULL, change_id TEXT NOT NULL,
                accepted INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS given (key TEXT PRIMARY KEY, id INTEGER NOT NULL, seq INTEGER NOT NULL, accepted INTEGER NOT NULL,
                finished INTEGER NOT NULL, kind INTEGER NOT NULL, digest BLOB) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS unsettled (seq INTEGER PRIMARY KEY, key TEXT NOT NULL, accepted INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS recent (key TEXT PRIMARY KEY, turn INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS suspect (key TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS difference (key TEXT PRIMARY KEY, kind TEXT NOT NULL, fields TEXT NOT NULL, accepted INTEGER,
                seq INTEGER NOT NULL, repair TEXT) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS run (id INTEGER PRIMARY KEY, state TEXT NOT NULL, seen BLOB NOT NULL);
                CREATE TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, digest BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS version (key TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID;
            """;

    /** Of a {@link BillBook}. */
    static final String BILLS = """
            CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS day (day TEXT PRIMARY KEY, compared INTEGER NOT NULL, report TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS entry (day TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL,
                on_bill INTEGER NOT NULL, open INTEGER NOT NULL, bill_amount INTEGER, bill_status TEXT,
                in_ledger INTEGER NOT NULL, ledger_amount INTEGER, ledger_status TEXT, at INTEGER, seq INTEGER NOT NULL,
                in_target INTEGER NOT NULL, target_amount INTEGER, target_status TEXT,
                fault TEXT, kinds TEXT NOT NULL, repair TEXT, PRIMARY KEY (day, id)) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS entry_key ON entry (day, key);
            """;

    private BookSchema() {}
}
