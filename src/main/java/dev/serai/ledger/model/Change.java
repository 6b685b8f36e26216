package dev.serai.ledger.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One new state of one record, as a source reported it.
 *
 * <p>{@code id} identifies the change within its flow, {@code key} the record. The version, if any, orders the states of
 * the key. The body is not copied: the caller must not change it after handing it over.
 *
 * @param flow the stream of changes it belongs to
 * @param headers names and values, in order; never secrets. All but {@link #CLIENT} are passed on to targets
 * @param idComputed whether the id is {@link #idOf computed}: then the change is a duplicate only of the key's newest state.
 *     Whoever makes the change says so; it is not stored
 */
public record Change(
        String flow,
        String id,
        String key,
        @Nullable String version,
        Operation operation,
        @Nullable String contentType,
        Map<String, String> headers,
        byte[] body,
        boolean idComputed) {

    /** The header that holds the address of who sent the change. No sender can set it, and no target gets it. */
    public static final String CLIENT = "Serai-Client";

    private static final int ID_BYTES = 16;
    /** What the objects around the texts and the body take, with those by which a target keeps the change in order. */
    private static final int OBJECTS_BYTES = 768;
    /** The objects of one header. */
    private static final int HEADER_BYTES = 128;

    /** No flow's name begins like this, so a delete never has the id of an upsert. */
    private static final String DELETE = "\0delete\0";

    /** A change whose id its source gives. */
    public Change(
            String flow,
            String id,
            String key,
            @Nullable String version,
            Operation operation,
            @Nullable String contentType,
            Map<String, String> headers,
            byte[] body) {
        this(flow, id, key, version, operation, contentType, headers, body, false);
    }

    /**
     * The id of a change whose source gives none, so that a repeat has it again: 32 hexadecimal digits of a hash of what the
     * change says. Ids are stored, so this never changes.
     */
    public static String idOf(String flow, String key, String version, Operation operation, byte[] body) {
        String prefix = (operation == Operation.DELETE ? DELETE : "") + flow + '\0' + key + '\0' + version + '\0';
        byte[] hash = Hash.sha256(prefix.getBytes(StandardCharsets.UTF_8), body);
        return HexFormat.of().formatHex(hash, 0, ID_BYTES);
    }

    /** The address of who sent it; null if that is not known. */
    public @Nullable String client() {
        return headers.get(CLIENT);
    }

    /** The headers that targets get. */
    public Map<String, String> passedHeaders() {
        if (!headers.containsKey(CLIENT)) {
            return headers;
        }
        Map<String, String> passed = new LinkedHashMap<>(headers);
        passed.remove(CLIENT);
        return passed;
    }

    /** The same change with other headers. */
    public Change withHeaders(Map<String, String> others) {
        return new Change(flow, id, key, version, operation, contentType, others, body, idComputed);
    }

    /** The same change under another id. */
    public Change withId(String other) {
        return other.equals(id)
                ? this
                : new Change(flow, other, key, version, operation, contentType, headers, body, idComputed);
    }

    /**
     * About how many bytes of memory it takes. All limits on bytes count this, since small changes and large headers take
     * memory too.
     */
    public int memoryBytes() {
        int chars = id.length() + key.length() + chars(version) + chars(contentType);
        int objects = OBJECTS_BYTES;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            chars += header.getKey().length() + header.getValue().length();
            objects += HEADER_BYTES;
        }
        return objects + Character.BYTES * chars + body.length;
    }

    private static int chars(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    /** The first of key, operation, version and body in which another change differs, or null if they say the same. */
    public @Nullable String difference(Change other) {
        if (!key.equals(other.key)) {
            return "key";
        }
        if (operation != other.operation) {
            return "operation";
        }
        if (!Objects.equals(version, other.version)) {
            return "version";
        }
        return Arrays.equals(body, other.body) ? null : "body";
    }
}
