package dev.serai.connector.file;

import dev.serai.camel.CheckOnly;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.record.RecordCharset;
import dev.serai.connector.record.RecordFormat;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.time.TimeSource;
import dev.serai.text.DurationText;
import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
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
    private final RecordFormat given;
    private final Deque<String> ready = new ArrayDeque<>();
    private Pattern include;
    private Duration quiet = Duration.ofSeconds(2);
    private String done = ".done";
    private String doneFile = "";
    private int recordBytesMax = 1 << 20;
    private long unpackedBytesMax = 1L << 30;
    private Charset charset = StandardCharsets.UTF_8;
    private boolean header = true;
    private String columns = "";
    private @Nullable RecordFormat format;
    private @Nullable FileSourceFolder folder;
    private @Nullable FailedFiles failedFiles;
    private @Nullable Path unpacked;
    private @Nullable CurrentFile current;
    private String missing = "";
    private @Nullable String otherCursor;
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
        this.given = RecordFormat.of(format, delimiter);
        String end = given.isCsv() ? "csv" : "(jsonl|ndjson)";
        this.include = Pattern.compile(".*\\." + end + "(\\.gz|\\.zip)?", Pattern.CASE_INSENSITIVE);
    }

    @Override
    protected void doStart() throws Exception {
        format = given.with(charset).with(header, columns);
        if (!CheckOnly.isIn(getCamelContext())) {
            folder = new FileSourceFolder(directory, done, include, quiet, doneFile, time);
            failedFiles = folder.failedFiles();
            unpacked = folder.own(".unpacked");
        }
    }

    @Override
    public String tryOut() throws IOException {
        return FileFolderCheck.of(directory);
    }

    @Override
    protected String kind() {
        return "file";
    }

    @Override
    public @Nullable String begin(@Nullable Cursor saved) {
        ready.clear();
        problem("files", Objects.requireNonNull(failedFiles, "not started").text());
        String value = saved == null ? null : saved.value();
        boolean isOther = value != null && FileCursor.parse(value) == null;
        if (isOther && !Objects.equals(value, otherCursor)) {
            otherCursor = value;
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
        if (at != null && (at.done() || isMissing(in, at))) {
            at = null;
        }
        while (true) {
            String name = at != null ? at.file() : nextReady(in);
            if (name == null) {
                return null;
            }
            try {
                return read(in, name, at, recordsMax);
            } catch (PullException e) {
                fail(in, name, String.valueOf(e.getMessage()));
            } catch (AccessDeniedException e) {
                fail(in, name, "this process may not read it");
            }
            at = null;
        }
    }

    /** The next batch of the file; null if it is being written. */
    private @Nullable Batch read(FileSourceFolder in, String name, @Nullable FileCursor at, int recordsMax)
            throws IOException, PullException {
        FileSourceFolder.Look look = in.look(name);
        if (look == null || !in.isQuiet(name)) {
            return null;
        }
        CurrentFile file = current;
        if (file == null || !file.is(name, look)) {
            file = new CurrentFile(in.path(name), look, Objects.requireNonNull(unpacked, "not started"));
            current = file;
        }
        Batch batch;
        try (FileSourceFile open =
                file.open(Objects.requireNonNull(format, "not started"), recordBytesMax, unpackedBytesMax)) {
            FileCursor from = at != null && open.isSameAs(at) ? at : FileCursor.start(name);
            if (at != null && from != at) {
                if (!in.isMarked(name)) {
                    return null;
                }
                LOG.warn(
                        "File {} is not the one that was read up to byte {}, so it is read from its start",
                        LogText.of(name),
                        at.offset());
            }
            batch = open.read(from, recordsMax);
            if (!look.equals(in.look(name))) {
                LOG.info(
                        "File {} changed while it was read, so it is read again once it is unchanged",
                        LogText.of(name));
                return null;
            }
            if (!batch.records().isEmpty()) {
                return batch;
            }
        }
        file.close();
        current = null;
        return finish(in, batch);
    }

    private boolean isMissing(FileSourceFolder in, FileCursor at) throws IOException {
        if (in.has(at.file())) {
            return false;
        }
        if (at.percent() < 100 && !at.file().equals(missing)) {
            LOG.warn("File {} was read to {} % and is no longer there", LogText.of(at.file()), at.percent());
            missing = at.file();
        }
        return true;
    }

    private void fail(FileSourceFolder in, String name, String reason) throws IOException {
        LOG.warn("File {} cannot be read and was moved to {}: {}", LogText.of(name), in.fail(name, reason), reason);
        if (current != null) {
            current.close();
            current = null;
        }
        problem("files", Objects.requireNonNull(failedFiles, "not started").text());
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
        this.quiet = Duration.ofMillis(DurationText.millis(quiet));
    }

    /** @param recordBytes the maximum length of a record */
    public void setRecordBytes(int recordBytes) {
        if (recordBytes < 1 || recordBytes > 64 << 20) {
            throw new IllegalArgumentException("recordBytes must be between 1 and 67108864, not " + recordBytes);
        }
        this.recordBytesMax = recordBytes;
    }

    /** @param charset of files without a byte order mark */
    public void setCharset(String charset) {
        this.charset = RecordCharset.of(charset);
    }

    /** @param header whether the first line of a CSV file names the columns */
    public void setHeader(boolean header) {
        this.header = header;
    }

    /** @param columns the names of the columns, separated by commas, of files that do not name them */
    public void setColumns(@Nullable String columns) {
        this.columns = columns == null ? "" : columns;
    }

    /** @param doneFile what the name of a file that says that another is complete has behind that file's name */
    public void setDoneFile(@Nullable String doneFile) {
        this.doneFile = doneFile == null ? "" : doneFile.strip();
        if (this.doneFile.matches(".*[/\0].*")) {
            throw new IllegalArgumentException(
                    "doneFile must be the end of a name like .ok, not " + LogText.of(doneFile));
        }
    }

    /** @param unpackedBytes how large the content of a packed file may be */
    public void setUnpackedBytes(long unpackedBytes) {
        if (unpackedBytes < 1) {
            throw new IllegalArgumentException("unpackedBytes must be at least 1, not " + unpackedBytes);
        }
        this.unpackedBytesMax = unpackedBytes;
    }
}
