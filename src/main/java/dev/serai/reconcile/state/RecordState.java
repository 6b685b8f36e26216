package dev.serai.reconcile.state;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.model.Hash;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a record two systems have to agree on.
 *
 * <p>Threads: safe.
 */
public final class RecordState {
    private static final int DIGEST_BYTES = 16;
    private static final byte[] NOTHING = {};

    private final @Nullable JqExpression expression;
    private final Set<String> ignored;

    /**
     * @param option the name of the option that gives the expression, for messages
     * @param jq what is compared of a record; null for all of it
     * @param ignored names of fields of the result that are left out
     */
    public RecordState(String option, @Nullable String jq, List<String> ignored) {
        this.expression = jq == null ? null : new JqExpression(option, jq);
        this.ignored = Set.copyOf(ignored);
    }

    /** The state in a body; null if it is not JSON or has none, as {@link #of}. */
    public @Nullable JsonNode ofBody(byte[] body) {
        try {
            JsonNode record = ExactJson.ONE_VALUE.readTree(body);
            return record == null || record.isMissingNode() ? null : of(record);
        } catch (IOException | PullException e) {
            return null;
        }
    }

    /**
     * The state of a record; null if the expression finds none, or nothing but nulls.
     *
     * @throws PullException if the expression fails on it
     */
    public @Nullable JsonNode of(JsonNode record) throws PullException {
        JsonNode state = record;
        if (expression != null) {
            List<JsonNode> found = expression.all(record);
            if (found.isEmpty()) {
                return null;
            }
            state = found.get(0);
            if (isNothing(state)) {
                return null;
            }
        }
        if (ignored.isEmpty() || !state.isObject()) {
            return state;
        }
        ObjectNode without = ExactJson.MAPPER.createObjectNode();
        without.setAll((ObjectNode) state);
        return without.remove(ignored);
    }

    /** Nothing but nulls, as an expression with a misspelt name finds it everywhere. It would be equal whatever the systems have. */
    private static boolean isNothing(JsonNode state) {
        return state.isNull()
                || state.isObject()
                        && state.properties().stream()
                                .allMatch(field -> field.getValue().isNull());
    }

    /** The digest of a state: the first 16 bytes of the SHA-256 of its canonical JSON. */
    public static byte[] digest(JsonNode state) {
        return Arrays.copyOf(Hash.sha256(NOTHING, CanonicalJson.bytes(state)), DIGEST_BYTES);
    }

    /** The names of the fields in which two states differ; {@code .} if one of them is not an object. */
    public static List<String> differences(JsonNode one, JsonNode other) {
        if (!one.isObject() || !other.isObject()) {
            return List.of(".");
        }
        Set<String> names = new TreeSet<>();
        one.fieldNames().forEachRemaining(names::add);
        other.fieldNames().forEachRemaining(names::add);
        names.removeIf(name -> one.has(name)
                && other.has(name)
                && CanonicalJson.of(one.get(name)).equals(CanonicalJson.of(other.get(name))));
        return List.copyOf(names);
    }
}
