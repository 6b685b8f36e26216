package dev.serai.store.postgres;

import dev.serai.files.OwnerOnly;
import dev.serai.store.jdbc.StoreOpenException;
import dev.serai.store.jdbc.StoreOpenException.OpenProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Who this node is to others: an id that is kept in its data folder, so that it is the same after a restart, and that only one
 * process can have at a time. A node that starts again takes its own shards at once, and those of others when their leases end.
 *
 * <p>Threads: one thread.
 */
public final class NodeIdentity implements AutoCloseable {
    private static final int ID_CHARS = 36;

    private final FileChannel channel;
    private final String id;

    private NodeIdentity(FileChannel channel, String id) {
        this.channel = channel;
        this.id = id;
    }

    /** @param folder is made if it does not exist */
    public static NodeIdentity take(Path folder) {
        Path file = folder.resolve("node.id");
        try {
            OwnerOnly.createFolders(folder);
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try {
                OwnerOnly.restrict(file);
                if (!isLocked(channel)) {
                    throw new StoreOpenException(
                            OpenProblem.LOCKED,
                            folder + " is in use by another process: stop it, or set another folder with --data");
                }
                return new NodeIdentity(channel, id(channel));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new StoreOpenException(OpenProblem.UNWRITABLE, file + " cannot be written: " + e, e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) { // another ledger in this process
            return false;
        }
    }

    private static String id(FileChannel channel) throws IOException {
        ByteBuffer stored = ByteBuffer.allocate(ID_CHARS);
        if (channel.read(stored, 0) == ID_CHARS) {
            return new String(stored.array(), StandardCharsets.US_ASCII);
        }
        String made = UUID.randomUUID().toString();
        channel.truncate(0);
        channel.write(ByteBuffer.wrap(made.getBytes(StandardCharsets.US_ASCII)), 0);
        channel.force(true);
        return made;
    }

    public String id() {
        return id;
    }

    @Override
    public void close() {
        try {
            channel.close(); // releases the lock
        } catch (IOException e) {
            // It ends with the process.
        }
    }
}
