package dev.serai.store.sqlite;

import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The exclusive lock on a ledger, held from opening to closing. The operating system releases it if the process dies.
 *
 * <p>The file is not deleted on release: otherwise two processes could lock two different files.
 */
final class LockFile implements AutoCloseable {
    /**
     * The locks of this process. Static, because on POSIX closing any channel on a file releases all locks of the process
     * on it: a file that is locked here must not be opened a second time.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    /** UNIX_SHM_DMS in SQLite's os_unix.c. */
    private static final long CONNECTIONS_BYTE = 128;
    /** SHARED_FIRST and SHARED_SIZE in SQLite's os.h. */
    private static final long SHARED_FROM = 0x40000002L;

    private static final long SHARED_BYTES = 510;

    private final Path file;
    private final FileChannel channel;

    private LockFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Takes the lock without waiting. Its folder must exist.
     *
     * @throws StoreOpenException if the lock is held already, or the file cannot be written
     */
    static LockFile take(Path name) {
        Path file = real(name);
        if (!HELD.add(file)) {
            throw locked(file, "this process, " + ProcessHandle.current().pid());
        }
        try {
            return new LockFile(file, lock(file));
        } catch (RuntimeException e) {
            HELD.remove(file);
            throw e;
        }
    }

    /**
     * Refuses a ledger that another process has open although the lock was free: because the lock file was deleted, or because
     * the file has another path there, by a hard link or a mount, and with it another lock file. Call it while holding the lock
     * and before opening the ledger.
     *
     * @param sharedMemory SQLite's file next to the ledger, in which every open connection holds a shared lock, as in the ledger
     */
    static void refuseIfOpen(Path ledger, Path sharedMemory) {
        if (isLocked(sharedMemory, CONNECTIONS_BYTE, 1)) {
            throw new StoreOpenException(
                    OpenProblem.LOCKED,
                    ledger + " is open in another process, and its lock file was deleted; stop the other process");
        }
        if (isLocked(ledger, SHARED_FROM, SHARED_BYTES)) {
            throw new StoreOpenException(
                    OpenProblem.LOCKED,
                    ledger
                            + " is open in another process, which has another path to the same file, such as a hard link or a"
                            + " mount; stop the other process, or give this one a data folder of its own");
        }
    }

    /** Whether another process has locked a part of a file. Closing a file releases all locks of this process on it. */
    private static boolean isLocked(Path file, long from, long bytes) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return channel.tryLock(from, bytes, false) == null;
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new StoreOpenException(OpenProblem.UNWRITABLE, "the lock file cannot be closed: " + e, e);
        } finally {
            HELD.remove(file);
        }
    }

    private static Path real(Path file) {
        try {
            return file.resolveSibling(".").toRealPath().resolve(file.getFileName());
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static FileChannel lock(Path file) {
        FileChannel channel = open(file);
        try {
            if (tryLock(channel) == null) {
                channel.close();
                throw locked(file, holder(file));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
            return channel;
        } catch (IOException e) {
            closeQuietly(channel, e);
            throw new StoreOpenException(OpenProblem.UNWRITABLE, file + " cannot be locked: " + e, e);
        }
    }

    private static StoreOpenException locked(Path file, String holder) {
        return new StoreOpenException(
                OpenProblem.LOCKED,
                "the ledger next to " + file + " is in use by " + holder
                        + "; only one process can use it: stop the other one or choose another data folder");
    }

    private static StoreOpenException unwritable(Path file, IOException cause) {
        return new StoreOpenException(
                OpenProblem.UNWRITABLE,
                file + " cannot be written (" + cause + "); give this process's user write access to its folder",
                cause);
    }

    private static FileChannel open(Path file) {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static String holder(Path file) {
        try {
            String pid = Files.readString(file, StandardCharsets.US_ASCII).trim();
            return pid.matches("\\d+") ? "process " + pid : "another process";
        } catch (IOException e) {
            return "another process";
        }
    }

    private static void closeQuietly(FileChannel channel, IOException cause) {
        try {
            channel.close();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }
}
