package dev.serai.connector.file;

import dev.serai.task.RepeatedTask;
import dev.serai.text.LogText;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open files of a {@code file-sink}, and when they are rotated.
 *
 * <p>Threads: safe.
 */
final class FileSinkPool implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(FileSinkPool.class);
    private static final int FILES_MAX = 64;
    private static final long IDLE_MILLIS_MIN = 1_000;
    private static final long IDLE_MILLIS_MAX = 60_000;

    private final boolean csv;
    private final FileSinkRotation rotation;
    private final Map<Path, OpenFile> files = new LinkedHashMap<>(16, 0.75f, true);
    private final @Nullable ScheduledExecutorService idle;

    /** An open file, and the number of deliveries that are writing to it. */
    static final class OpenFile {
        private final FileSinkFile file;
        private int users;
        private boolean isFinished;

        OpenFile(FileSinkFile file) {
            this.file = file;
        }

        FileSinkFile file() {
            return file;
        }
    }

    FileSinkPool(boolean csv, FileSinkRotation rotation) {
        this.csv = csv;
        this.rotation = rotation;
        Duration every = rotation.every();
        if (every == null) {
            idle = null;
            return;
        }
        long millis = Math.max(IDLE_MILLIS_MIN, Math.min(IDLE_MILLIS_MAX, every.toMillis() / 10));
        idle = Executors.newSingleThreadScheduledExecutor(FileSinkPool::thread);
        new RepeatedTask("The rotation of files that nothing is written to", this::rotateIdle)
                .start(idle, millis, millis);
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "serai-file-rotation");
        thread.setDaemon(true);
        return thread;
    }

    /** The file to write to, until {@link #leave}. */
    OpenFile open(Path path) throws IOException {
        synchronized (files) {
            OpenFile open = files.get(path);
            if (open != null && open.users == 0 && !open.file.isUsable()) {
                files.remove(path);
                open.file.close();
                open = null;
            }
            if (open == null) {
                open = add(path);
            }
            while (rotate(path, open)) {
                open = add(path);
            }
            open.users++;
            return open;
        }
    }

    private OpenFile add(Path path) throws IOException {
        OpenFile open = new OpenFile(new FileSinkFile(path, csv));
        files.put(path, open);
        closeUnused();
        return open;
    }

    /** Rotates a file if that is due; it is closed when nobody writes to it any more. */
    private boolean rotate(Path path, OpenFile open) throws IOException {
        if (!open.file.rotate(rotation, Instant.now())) {
            return false;
        }
        files.remove(path, open);
        open.isFinished = true;
        if (open.users == 0) {
            open.file.close();
        }
        return true;
    }

    /** Rotates the files that are due although nothing is written to them. */
    private void rotateIdle() {
        synchronized (files) {
            for (Map.Entry<Path, OpenFile> one : List.copyOf(files.entrySet())) {
                try {
                    rotate(one.getKey(), one.getValue());
                } catch (IOException e) { // the next line to it fails as well, if that lasts
                    LOG.warn("{} cannot be rotated yet: {}", one.getKey(), LogText.of(e));
                }
            }
        }
    }

    /** The delivery does not write to it any more. */
    void leave(OpenFile open) {
        synchronized (files) {
            open.users--;
            if (open.isFinished && open.users == 0) {
                try {
                    open.file.close();
                } catch (IOException e) { // all of it is durable
                    LOG.warn("A file that was rotated cannot be closed: {}", LogText.of(e));
                }
            }
        }
    }

    private void closeUnused() throws IOException {
        Iterator<OpenFile> eldest = files.values().iterator();
        while (files.size() > FILES_MAX && eldest.hasNext()) {
            OpenFile open = eldest.next();
            if (open.users == 0) {
                open.file.close();
                eldest.remove();
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (idle != null) {
            idle.shutdownNow();
        }
        synchronized (files) {
            for (OpenFile open : files.values()) {
                open.file.close();
            }
            files.clear();
        }
    }
}
