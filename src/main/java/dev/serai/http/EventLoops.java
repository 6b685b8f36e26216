package dev.serai.http;

import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.concurrent.TimeUnit;

/** What all event loops of a node have in common. */
public final class EventLoops {
    /** Each Vert.x looks for blocked threads on a thread of its own, once a second by itself, which an idle node would notice. */
    private static final long BLOCKED_LOOK_SECONDS = 10;

    private EventLoops() {}

    /** New options, without files from the class path and their cache on disk. */
    public static VertxOptions options() {
        return new VertxOptions()
                .setBlockedThreadCheckInterval(BLOCKED_LOOK_SECONDS)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false));
    }
}
