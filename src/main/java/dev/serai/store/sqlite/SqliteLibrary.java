package dev.serai.store.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * The driver's native library.
 *
 * <p>Threads: safe.
 */
public final class SqliteLibrary {
    private SqliteLibrary() {}

    /** Loads it before the first connection does. */
    public static void load() throws IOException {
        try {
            SQLiteJDBCLoader.initialize();
        } catch (Exception e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Unpacks the library of this system into a new file. */
    public static void copyTo(Path file) throws IOException {
        String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + LibraryLoaderUtil.getNativeLibName();
        try (InputStream in = SQLiteJDBCLoader.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException(resource + " is missing on the class path");
            }
            Files.copy(in, file);
        }
    }
}
