package dev.serai.ledger.write;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the refused writes and logs each of them once, however often it is tried again.
 *
 * <p>Threads: the writer's; {@link #count} from any.
 */
final class RefusalLog {
    private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);
    private static final int REMEMBERED_MAX = 1_000;

    private final AtomicLong count = new AtomicLong();
    private final Map<String, Boolean> logged = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED_MAX;
        }
    };

    long count() {
        return count.get();
    }

    void add(Write write, RuntimeException reason) {
        count.incrementAndGet();
        if (logged.put(write + " " + reason, true) == null) {
            LOG.error("A write to the ledger failed and was left out, the others continue: {}", write, reason);
        } else {
            LOG.debug("A write to the ledger failed again: {}: {}", write, reason.toString());
        }
    }
}
