package dev.serai.connector.http;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.serai.camel.ledger.ChangeJson;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.signature.Digest;
import dev.serai.text.ExactJson;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
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
        byte[][] parts = Stream.concat(Stream.of(flow), ids.stream())
                .map(HttpSinkBatch::withLength)
                .toArray(byte[][]::new);
        return HexFormat.of().formatHex(Digest.sha256(parts), 0, 16);
    }

    /** With its length, so that no two lists of ids look alike. */
    private static byte[] withLength(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .array();
    }
}
