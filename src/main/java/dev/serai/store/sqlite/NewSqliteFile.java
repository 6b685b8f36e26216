package dev.serai.store.sqlite;

import dev.serai.files.OwnerOnly;
import dev.serai.store.jdbc.Migrations;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Makes the file of a new ledger. */
final class NewSqliteFile {
    private static final int PAGE_BYTES = 8192;

    private final Path file;
    private final Migrations migrations;

    NewSqliteFile(Path file, Migrations migrations) {
        this.file = file;
        this.migrations = migrations;
    }

    /** Creates the file under another name and renames it when it is complete, so that a crash leaves no partial ledger. */
    void create() throws IOException, SQLException {
        Path wal = sibling("-wal");
        Path made = sibling(".new");
        if (Files.exists(wal) && Files.size(wal) > 0) {
            throw new StoreOpenException(
                    OpenProblem.DAMAGED,
                    file + " is missing but its write-ahead file " + wal.getFileName()
                            + " exists; put the file back, restore a backup, or move the write-ahead file away");
        }
        Files.deleteIfExists(wal);
        Files.deleteIfExists(sibling("-shm"));
        Files.deleteIfExists(made);
        Files.deleteIfExists(sibling(".new-journal"));
        Files.deleteIfExists(sibling(".new-wal"));
        Files.deleteIfExists(sibling(".new-shm"));
        OwnerOnly.createFile(made);
        fill(made);
        sync(made, StandardOpenOption.WRITE);
        move(made);
        sync(file.resolveSibling(""), StandardOpenOption.READ);
    }

    private void fill(Path made) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + made);
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA page_size=" + PAGE_BYTES);
            statement.execute("PRAGMA auto_vacuum=" + SqliteDatabase.INCREMENTAL); // see FreeSpace
            statement.execute("PRAGMA synchronous=2");
            // Set here, because a change at the first start would need a rollback journal.
            statement.executeQuery("PRAGMA journal_mode=wal").close();
            migrations.apply(connection, SqliteDialect.BEGIN);
        }
    }

    private void move(Path made) throws IOException {
        try {
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(made, file);
        }
    }

    private static void sync(Path path, StandardOpenOption option) throws IOException {
        try (FileChannel channel = FileChannel.open(path, option)) {
            channel.force(true);
        }
    }

    private Path sibling(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }
}
