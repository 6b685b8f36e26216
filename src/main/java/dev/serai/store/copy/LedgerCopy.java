package dev.serai.store.copy;

import dev.serai.ledger.model.StoreException;
import dev.serai.store.LedgerAddress;
import dev.serai.store.copy.TableCopy.TableSum;
import dev.serai.store.jdbc.Database;
import dev.serai.store.postgres.PostgresAddress;
import dev.serai.store.postgres.PostgresLedger;
import dev.serai.store.postgres.PostgresNames;
import dev.serai.store.sqlite.LedgerFiles;
import dev.serai.store.sqlite.SqliteDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Copies a ledger that no node has open from a SQLite file to a PostgreSQL that has none, or back, as it is: sequences, ids,
 * positions and counts stay the same. A ledger of several shards has no place in a file.
 *
 * <p>Promise: the target is there only when all is copied and both sides are found equal. A copy that was interrupted goes on where it
 * was; until it is complete it has another name, so no node can start on it.
 *
 * <p>Threads: one thread. Throws: {@link StoreException}, {@link IllegalArgumentException} for what cannot be copied.
 */
public final class LedgerCopy {
    private static final String BEGUN_SCHEMA = "_copy";
    private static final String BEGUN_FILE = ".copy";
    private static final int COMMIT_ROWS = 5_000;

    private final LedgerAddress from;
    private final LedgerAddress to;
    private final Consumer<String> progress;
    private final int commitRows;

    /** @param sha256 of all values of the table, in hex; equal on both sides */
    public record CopiedRows(String table, long rows, String sha256) {}

    /** @param progress is told in a line what is done, often */
    public LedgerCopy(LedgerAddress from, LedgerAddress to, Consumer<String> progress) {
        this(from, to, progress, COMMIT_ROWS);
    }

    /** @param commitRows one transaction has about so many */
    LedgerCopy(LedgerAddress from, LedgerAddress to, Consumer<String> progress, int commitRows) {
        this.from = from;
        this.to = to;
        this.progress = progress;
        this.commitRows = commitRows;
    }

    /** Copies and compares; returns what there is in each table. */
    public List<CopiedRows> run() {
        if (from.isPostgres() == to.isPostgres()) {
            throw new IllegalArgumentException(
                    "one of the ledgers must be in SQLite and the other in PostgreSQL: copy a"
                            + " file with serai backup, and a database with the tools of its server");
        }
        requireThere();
        refuseIfThere();
        List<CopiedRows> copied;
        try (CopySide source = new CopySide(source());
                CopySide copy = new CopySide(begun())) {
            copied = copy(source, copy);
        }
        finish();
        return copied;
    }

    private List<CopiedRows> copy(CopySide source, CopySide copy) {
        long last = source.lastSequence();
        source.endRead();
        copy.reserve(last);
        List<TableCopy> tables = CopiedTable.ALL.stream()
                .map(table -> new TableCopy(table, source, copy, last, commitRows))
                .toList();
        for (TableCopy table : tables) {
            long[] rows = new long[1];
            table.copy(more -> progress.accept(line("copied", rows[0] += more, table)));
        }
        copy.numbersContinue(last);
        List<CopiedRows> all = new ArrayList<>();
        for (TableCopy table : tables) {
            long[] rows = new long[1];
            TableSum sum = table.compare(more -> progress.accept(line("compared", rows[0] += more, table)));
            all.add(new CopiedRows(table.name(), sum.rows(), sum.digest()));
        }
        return all;
    }

    private static String line(String work, long rows, TableCopy table) {
        return work + " " + rows + " rows of " + table.name();
    }

    // ---- Where it is

    private void requireThere() {
        boolean there = from.isPostgres() ? PostgresNames.hasLedger(server(from)) : Files.exists(from.sqliteFile());
        if (!there) {
            throw new IllegalArgumentException("there is no ledger at " + shown(from));
        }
    }

    private void refuseIfThere() {
        boolean there = to.isPostgres() ? PostgresNames.isUsed(server(to)) : Files.exists(to.sqliteFile());
        if (there) {
            throw new IllegalArgumentException(shown(to)
                    + " exists already, and a copy goes only where nothing is: name another one, or delete it");
        }
    }

    private Database source() {
        if (!from.isPostgres()) {
            return new SqliteDatabase(from.sqliteFile());
        }
        List<Database> shards = PostgresLedger.open(List.of(server(from)), 1, from.node(), from.data());
        if (shards.size() > 1) {
            shards.forEach(Database::close);
            throw new IllegalArgumentException("the ledger in " + shown(from) + " has " + shards.size()
                    + " shards, and a file can keep one: their changes have sequences of their own");
        }
        return shards.get(0);
    }

    private Database begun() {
        return to.isPostgres()
                ? PostgresLedger.open(List.of(begunSchema()), 1, to.node(), to.data())
                        .get(0)
                : new SqliteDatabase(begunFile());
    }

    private static PostgresAddress server(LedgerAddress address) {
        List<PostgresAddress> servers = address.servers();
        if (servers.size() > 1) {
            throw new IllegalArgumentException(
                    "a ledger in several databases has several shards, and a file can keep one: their changes have sequences of their own");
        }
        return servers.get(0);
    }

    private PostgresAddress begunSchema() {
        PostgresAddress at = server(to);
        return new PostgresAddress(at.url(), at.username(), at.password(), at.schema() + BEGUN_SCHEMA);
    }

    private Path begunFile() {
        return to.sqliteFile().resolveSibling(to.sqliteFile().getFileName() + BEGUN_FILE);
    }

    private static String shown(LedgerAddress address) {
        return address.isPostgres()
                ? server(address).shown()
                : address.sqliteFile().toString();
    }

    // ---- The end

    /** Gives the copy its name. */
    private void finish() {
        if (to.isPostgres()) {
            PostgresNames.rename(begunSchema(), server(to));
            return;
        }
        LedgerFiles.backupClosed(begunFile(), to.sqliteFile());
        try {
            for (String suffix : List.of("", "-wal", "-shm", ".lock")) {
                Files.deleteIfExists(begunFile().resolveSibling(begunFile().getFileName() + suffix));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
