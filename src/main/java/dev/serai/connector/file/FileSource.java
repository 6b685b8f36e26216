package dev.serai.connector.file;

import dev.serai.camel.CheckOnly;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.time.TimeSource;
import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.camel.util.TimeUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files of a folder one after the other, for the Kamelet {@code file-source}.
 *
 * <p>Each batch opens the file again at the cursor, as a restart after a crash does. This also detects a replaced file.
 *
 * <p>Threads: see {@link BatchPull}.
 */
public final class FileSource extends BatchPull {
    private static final Logger LOG = LoggerFactory.getLogger(FileSource.class);
    private static final Duration PROGRESS_EVERY = Duration.ofSeconds(5);

    private final TimeSource time = TimeSource.system();
    private final Path directory;
    private final FileFormat format;
    private final Deque<String> ready = new ArrayDeque<>();
    private Pattern include;
    private Duration quiet = Duration.ofSeconds(2);
    private String done = ".done";
    private int recordBytesMax = 1 << 20;
    private @Nullable FileSourceFolder folder;
    private long progressAtNanos = System.nanoTime();

    /**
     * @param format jsonl or csv
     * @param delimiter the delimiter of CSV cells
     */
    public FileSource(String directory, String format, String delimiter) {
        if (directory.isBlank()) {
            throw new IllegalArgumentException("directory is not set: set the folder to read from");
        }
        this.directory = Path.of(directory);
        this.format = FileFormat.of(format, delimiter);
        this.include =
                Pattern.compile(this.format.isCsv() ? ".*\\.csv" : ".*\\.(jsonl|ndjson)", Pattern.CASE_INSENSITIVE);
    }

    @Override
    protected void doStart() throws Exception {
        if (!CheckOnly.isIn(getCamelContext())) {
            folder = new FileSourceFolder(directory, done, include, quiet, time);
        }
    }

    @Override
    public @Nullable String begin(@Nullable Cursor saved) {
        ready.clear();
        String value = saved == null ? null : saved.value();
        if (value != null && FileCursor.parse(value) == null) {
            LOG.warn("The cursor of {} is not a position in a file, so all files are read from their start", directory);
        }
        return value;
    }

    @Override
    public @Nullable String again(@Nullable String position, @Nullable Cursor saved) {
        return saved == null ? null : saved.value();
    }

    @Override
    public @Nullable Batch next(@Nullable String position, int recordsMax) throws IOException {
        FileSourceFolder in = Objects.requireNonNull(folder, "not started");
        FileCursor at = FileCursor.parse(position);
        if (at != null && (at.done() || !in.has(at.file()))) {
            at = null;
        }
        while (true) {
            String name = at != null ? at.file() : nextReady(in);
            if (name == null) {
                return null;
            }
            boolean isWhole = in.isQuiet(name);
            try (FileSourceFile file = new FileSourceFile(in.path(name), format, recordBytesMax)) {
                Batch batch = file.read(place(file, name, at), recordsMax, isWhole);
                if (!batch.records().isEmpty()) {
                    return batch;
                }
                if (!isWhole) {
                    return null;
                }
                return finish(in, batch);
            } catch (PullException e) {
                LOG.warn(
                        "File {} cannot be read and was moved to {}: {}",
                        LogText.of(name),
                        in.fail(name),
                        e.getMessage());
                at = null;
            }
        }
    }

    private @Nullable String nextReady(FileSourceFolder in) throws IOException {
        if (ready.isEmpty()) {
            ready.addAll(in.ready());
        }
        String name = ready.poll();
        while (name != null && !in.has(name)) {
            name = ready.poll();
        }
        return name;
    }

    private static FileCursor place(FileSourceFile file, String name, @Nullable FileCursor at) throws IOException {
        if (at == null) {
            return FileCursor.start(name);
        }
        if (file.isSameAs(at)) {
            return at;
        }
        LOG.warn(
                "File {} is not the one that was read up to byte {}, so it is read from its start",
                LogText.of(name),
                at.offset());
        return FileCursor.start(name);
    }

    private static Batch finish(FileSourceFolder in, Batch end) throws IOException {
        FileCursor at = Objects.requireNonNull(FileCursor.parse(end.position()));
        Path now = in.finish(at.file());
        LOG.info(
                "File {}: done, {} records, {} broken, moved to {}",
                LogText.of(at.file()),
                at.records(),
                at.broken(),
                now);
        String done = at.finished().toString();
        return new Batch(end.records(), "", done, done, false);
    }

    @Override
    public void taken(Batch batch, boolean mayBeNew) {
        long now = System.nanoTime();
        FileCursor at = FileCursor.parse(batch.cursor());
        if (at != null && !at.done() && now - progressAtNanos >= PROGRESS_EVERY.toNanos()) {
            progressAtNanos = now;
            LOG.info(
                    "File {}: {} %, {} records, {} broken",
                    LogText.of(at.file()), at.percent(), at.records(), at.broken());
        }
    }

    /** @param include a regular expression that must match the whole name, as camel-file's include */
    public void setInclude(@Nullable String include) {
        if (include == null || include.isBlank()) {
            return;
        }
        try {
            this.include = Pattern.compile(include, Pattern.CASE_INSENSITIVE);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("include is not a regular expression: " + LogText.of(e.getMessage()), e);
        }
    }

    /** @param done the folder for finished files */
    public void setDone(String done) {
        this.done = done;
    }

    /** @param quiet how long a file must be unchanged before it is read, like 2s */
    public void setQuiet(String quiet) {
        if (quiet.strip().startsWith("-")) {
            throw new IllegalArgumentException("quiet must not be negative, but is " + LogText.of(quiet));
        }
        this.quiet = Duration.ofMillis(TimeUtils.toMilliSeconds(quiet));
    }

    /** @param recordBytes the maximum length of a record */
    public void setRecordBytes(int recordBytes) {
        if (recordBytes < 1 || recordBytes > 64 << 20) {
            throw new IllegalArgumentException("recordBytes must be between 1 and 67108864, not " + recordBytes);
        }
        this.recordBytesMax = recordBytes;
    }
}
