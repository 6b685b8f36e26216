package dev.serai.connector.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * When a file of {@code file-sink} is finished, and the name that it then gets: {@code orders.jsonl} becomes {@code
 * orders.20260131T101500.123Z.jsonl}, by the time of its last line.
 *
 * @param bytesMax how long a file becomes, give or take a line; {@link Long#MAX_VALUE} for no limit
 * @param every how long a time the lines of a file are of, counted from 1970 in UTC; null for no limit
 */
record FileSinkRotation(long bytesMax, @Nullable Duration every) {
    static final FileSinkRotation NONE = new FileSinkRotation(Long.MAX_VALUE, null);

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    FileSinkRotation {
        if (bytesMax <= 0) {
            throw new IllegalArgumentException("rotateBytes must be more than 0");
        }
        if (every != null && every.toMillis() <= 0) {
            throw new IllegalArgumentException("rotateEvery must be more than 0, like 1h");
        }
    }

    /** @param lastLine when the last line was written */
    boolean isDue(long bytes, Instant lastLine, Instant now) {
        return bytes > 0 && (bytes >= bytesMax || (every != null && period(now, every) > period(lastLine, every)));
    }

    private static long period(Instant at, Duration length) {
        return Math.floorDiv(at.toEpochMilli(), length.toMillis());
    }

    /** A name beside the file that is not taken. */
    Path target(Path file, Instant lastLine) throws IOException {
        String name = String.valueOf(file.getFileName());
        int dot = name.lastIndexOf('.');
        String stem = dot > 0 ? name.substring(0, dot) : name;
        String end = dot > 0 ? name.substring(dot) : "";
        String stamped = stem + "." + STAMP.format(lastLine);
        Path target = file.resolveSibling(stamped + end);
        for (int i = 1; Files.exists(target, LinkOption.NOFOLLOW_LINKS); i++) {
            target = file.resolveSibling(stamped + "-" + i + end);
        }
        return target;
    }
}
