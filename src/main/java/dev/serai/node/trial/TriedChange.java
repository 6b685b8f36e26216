package dev.serai.node.trial;

import dev.serai.ledger.model.Change;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change that a ledger would have accepted.
 *
 * @param operation upsert or delete
 */
public record TriedChange(
        String flow,
        String id,
        String key,
        @Nullable String version,
        String operation,
        @Nullable String contentType,
        Map<String, String> headers,
        byte[] body) {

    static TriedChange of(Change change) {
        return new TriedChange(
                change.flow(),
                change.id(),
                change.key(),
                change.version(),
                change.operation().name().toLowerCase(Locale.ROOT),
                change.contentType(),
                change.passedHeaders(),
                change.body());
    }
}
