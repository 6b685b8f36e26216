package dev.serai.log;

import dev.serai.task.RepeatedTask;
import dev.serai.text.BodyMask;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.logging.ErrorManager;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Writes the log to a stream, with equal warnings folded.
 *
 * <p>Threads: safe.
 */
final class LogHandler extends Handler {
    private static final long LOOK_MILLIS = 5_000;

    private final PrintStream out;
    private final Formatter messages = new SimpleFormatter();
    private final LineFold fold = new LineFold(System::nanoTime);
    private volatile LineFormat format = new TextFormat();
    private volatile BodyMask mask = BodyMask.NONE;
    private @Nullable ScheduledExecutorService timer;

    LogHandler(PrintStream out) {
        this.out = out;
    }

    void setFormat(LineFormat to) {
        format = to;
    }

    void setMask(BodyMask to) {
        mask = to;
    }

    @Override
    public void publish(LogRecord event) {
        if (!isLoggable(event)) {
            return;
        }
        try {
            List<LogLine> lines = fold.add(LogLine.of(event, messages, mask));
            write(lines);
            if (lines.isEmpty()) {
                watch();
            }
        } catch (RuntimeException e) {
            reportError(null, e, ErrorManager.WRITE_FAILURE);
        }
    }

    private synchronized void write(List<LogLine> lines) {
        for (LogLine line : lines) {
            byte[] bytes = format.of(line).getBytes(StandardCharsets.UTF_8);
            out.write(bytes, 0, bytes.length);
        }
        out.flush();
    }

    /** Looks for minutes that are over, from the first line on that was counted: most processes need no thread for it. */
    private synchronized void watch() {
        if (timer == null) {
            timer = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "serai-log");
                thread.setDaemon(true);
                return thread;
            });
            new RepeatedTask(
                            "Writing how many lines of the log were left out",
                            () -> write(fold.rest(false, Instant.now())))
                    .start(timer, LOOK_MILLIS, LOOK_MILLIS);
        }
    }

    /** Writes how many lines were left out until now. */
    @Override
    public void flush() {
        write(fold.rest(true, Instant.now()));
    }

    @Override
    public void close() {
        flush();
    }
}
