package dev.serai.node;

import dev.serai.store.SqliteLibrary;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a start needs and a second processor can load while the first one reads the command line. */
public final class Preload {
    private Preload() {}

    /** Returns at once. */
    public static void start() {
        Thread preload = new Thread(Preload::load, "serai-preload");
        preload.setDaemon(true);
        preload.start();
    }

    private static void load() {
        Logger log = LoggerFactory.getLogger(Preload.class);
        try {
            SqliteLibrary.load();
        } catch (IOException e) {
            log.debug("The ledger reports it when it is opened", e);
        }
    }

    /** Unpacks SQLite's native library into a new file, from which later starts load it. */
    public static void copySqliteLibrary(Path file) throws IOException {
        SqliteLibrary.copyTo(file);
    }
}
