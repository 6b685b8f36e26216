package dev.serai.reconcile.source;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.reconcile.readback.RecordAccess;
import dev.serai.text.JsonValueText;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The block {@code source} of a reconcile file.
 *
 * @param access how the source is read
 * @param body what a change of the flow has of a record as its body; null for all of it
 * @param version the version of a record; null if it has none
 * @param lag how long a change may take from the source to the ledger
 */
public record SourceBlock(
        RecordAccess access,
        @Nullable JqExpression body,
        @Nullable JqExpression version,
        Duration lag) {

    /** The body of the change that a record makes; null if the expression finds none. */
    public @Nullable JsonNode bodyOf(JsonNode record) throws PullException {
        if (body == null) {
            return record;
        }
        List<JsonNode> found = body.all(record);
        return found.isEmpty() || found.get(0).isNull() ? null : found.get(0);
    }

    /** The version of a record; null if it has none. */
    public @Nullable String versionOf(JsonNode record) throws PullException {
        JsonNode found = version == null ? null : version.value(record);
        return found == null || found.isContainerNode() ? null : JsonValueText.of(found);
    }
}
