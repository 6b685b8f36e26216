package dev.serai.admin.console;

import dev.serai.http.HttpAnswer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * One file of the console, as it is and compressed.
 *
 * <p>Threads: safe.
 */
final class ConsoleFile {
    private static final int ETAG_BYTES = 16;

    private final String type;
    private final byte[] plain;
    private final byte[] compressed;
    private final String hash;

    /** @param type its Content-Type */
    ConsoleFile(String type, byte[] content) {
        this.type = type;
        this.plain = content;
        this.compressed = compressed(content);
        this.hash = hash(content);
    }

    private static byte[] compressed(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory can be written", e);
        }
        return bytes.toByteArray();
    }

    /** As hex digits. */
    static String hash(byte[] content) {
        try {
            byte[] all = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(all, 0, ETAG_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    int compressedLength() {
        return compressed.length;
    }

    /** Of its content, as hex digits. */
    String hash() {
        return hash;
    }

    /**
     * The answer to a GET or HEAD.
     *
     * @param caching how long a browser may keep it, as the value of Cache-Control
     */
    HttpAnswer answer(HttpServerRequest request, String caching) {
        boolean gzip = takesGzip(request.headers().getAll(HttpHeaders.ACCEPT_ENCODING));
        String etag = "\"" + hash + (gzip ? "-gzip\"" : "\"");
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("ETag", etag);
        headers.put("Cache-Control", caching);
        headers.put("Vary", "Accept-Encoding");
        if (isKnown(etag, request.headers().getAll(HttpHeaders.IF_NONE_MATCH))) {
            return new HttpAnswer(304, headers, new byte[0]);
        }
        headers.put("Content-Type", type);
        if (gzip) {
            headers.put("Content-Encoding", "gzip");
        }
        byte[] body = gzip ? compressed : plain;
        headers.put("Content-Length", String.valueOf(body.length)); // of a HEAD as well
        return new HttpAnswer(200, headers, body);
    }

    private static boolean takesGzip(List<String> accepted) {
        return accepted.stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .map(coding -> coding.replaceAll("\\s", ""))
                .anyMatch(coding -> coding.equalsIgnoreCase("gzip")
                        || (coding.regionMatches(true, 0, "gzip;", 0, 5) && !coding.matches(".*;q=0(\\.0*)?")));
    }

    private static boolean isKnown(String etag, List<String> known) {
        return known.stream()
                .flatMap(line -> Arrays.stream(line.split(",", -1)))
                .map(String::strip)
                .anyMatch(one -> one.equals("*") || one.equals(etag) || one.equals("W/" + etag));
    }
}
