package dev.serai.node;

import dev.serai.signature.HmacKey;
import dev.serai.store.sqlite.SqliteLibrary;
import dev.serai.text.ExactJson;
import dev.serai.text.JqFunctions;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/** What a start needs and a second processor can load while the first one prepares Camel. */
public final class Preload {
    private Preload() {}

    /** Returns at once. */
    public static void start() {
        Thread preload = new Thread(Preload::load, "serai-preload");
        preload.setDaemon(true);
        preload.start();
    }

    private static void load() {
        // Opens all jars of the class path.
        Preload.class.getClassLoader().getResource("META-INF/none");
        ExactJson.routeMapper();
        try {
            SqliteLibrary.load();
        } catch (IOException e) {
            LoggerFactory.getLogger(Preload.class).debug("The ledger reports it when it is opened", e);
        }
        new HmacKey(new byte[] {1}).sign();
        JqFunctions.load();
    }

    /** Unpacks SQLite's native library into a new file, from which later starts load it. */
    public static void copySqliteLibrary(Path file) throws IOException {
        SqliteLibrary.copyTo(file);
    }
}
