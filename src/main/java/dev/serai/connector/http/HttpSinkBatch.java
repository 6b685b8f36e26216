package dev.serai.connector.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.serai.camel.ledger.ChangeJson;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.text.ExactJson;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.apache.camel.Exchange;

/**
 * A batch as the body of one request, and the id that the same changes always have together.
 *
 * @param id 32 hexadecimal digits; does not depend on the changes' order
 * @param flow the changes' flow, or empty
 * @param json {@code {"changes":[…]}}, each as {@link ChangeJson} writes it
 */
record HttpSinkBatch(String id, String flow, byte[] json) {

    static HttpSinkBatch of(List<Exchange> changes) throws Exception {
        ByteArrayOutputStream body = new ByteArrayOutputStream(512 * changes.size());
        try (JsonGenerator json = ExactJson.MAPPER.createGenerator(body)) {
            json.writeStartObject();
            json.writeArrayFieldStart("changes");
            for (Exchange change : changes) {
                ChangeJson.write(json, change.getMessage());
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        String flow = header(changes.get(0), LedgerConstants.FLOW);
        List<String> ids = changes.stream()
                .map(change -> header(change, LedgerConstants.ID))
                .sorted()
                .toList();
        return new HttpSinkBatch(hash(flow, ids), flow, body.toByteArray());
    }

    private static String header(Exchange change, String name) {
        Object value = change.getMessage().getHeader(name);
        return value == null ? "" : value.toString();
    }

    private static String hash(String flow, List<String> ids) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            add(sha256, flow);
            ids.forEach(id -> add(sha256, id));
            return HexFormat.of().formatHex(sha256.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** With its length, so that no two lists of ids look alike. */
    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
        digest.update(bytes);
    }
}
