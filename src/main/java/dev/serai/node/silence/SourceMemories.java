package dev.serai.node.silence;

import dev.serai.ledger.Ledger;
import dev.serai.ledger.model.Cursor;
import dev.serai.ledger.model.StoreException;
import dev.serai.rhythm.SourceMemory;
import dev.serai.task.FailureLog;
import dev.serai.text.LogText;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is learned about the sources, by their kinds and names. It is kept in the ledger, under names that are shown to
 * nobody.
 *
 * <p>Threads: one thread at a time.
 */
final class SourceMemories {
    private static final Logger LOG = LoggerFactory.getLogger(SourceMemories.class);
    private static final String NAMES = Cursor.HIDDEN + "rhythm:";
    private static final long SAVE_SECONDS_MAX = 10;

    private final Ledger ledger;
    private final FailureLog failures = new FailureLog("Keeping the rhythms of sources");
    private final Map<String, SourceMemory> known = new HashMap<>();
    private final Map<String, String> saved = new HashMap<>();

    SourceMemories(Ledger ledger) {
        this.ledger = ledger;
    }

    /** That of a source; throws {@link StoreException} if the ledger cannot be read. */
    SourceMemory of(String source) {
        SourceMemory memory = known.get(source);
        if (memory == null) {
            memory = load(source);
            known.put(source, memory);
        }
        return memory;
    }

    private SourceMemory load(String source) {
        ZoneId zone = ZoneId.systemDefault();
        Optional<String> text = ledger.cursor(NAMES + source).map(Cursor::value);
        if (text.isEmpty()) {
            return SourceMemory.none(zone);
        }
        try {
            return SourceMemory.of(text.get(), zone);
        } catch (IllegalArgumentException e) {
            LOG.warn(
                    "What was learned about the rhythm of the source {} cannot be read, so it is learned anew: {}",
                    LogText.of(source),
                    e.getMessage());
            return SourceMemory.none(zone);
        }
    }

    /** Saves what has changed, and waits until it is durable. What fails is saved the next time. */
    void save(Instant now) {
        Map<String, String> texts = new HashMap<>();
        known.forEach((source, memory) -> texts.put(source, memory.text()));
        texts.entrySet().removeIf(entry -> entry.getValue().equals(saved.get(entry.getKey())));
        CompletableFuture<?>[] writes = texts.entrySet().stream()
                .map(entry -> ledger.saveCursor(new Cursor(NAMES + entry.getKey(), entry.getValue(), now)))
                .toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(writes)
                    .orTimeout(SAVE_SECONDS_MAX, TimeUnit.SECONDS)
                    .join();
            saved.putAll(texts);
            failures.worked();
        } catch (RuntimeException e) {
            failures.failed(e);
        }
    }
}
