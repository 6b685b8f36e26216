package dev.serai.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP answer in the form that a platform expects.
 *
 * @param contentType null without a body
 * @param headers further ones
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Acknowledgement(int status, @Nullable String contentType, byte[] body, Map<String, String> headers) {
    /** Without further headers. */
    public Acknowledgement(int status, @Nullable String contentType, byte[] body) {
        this(status, contentType, body, Map.of());
    }

    /** This status without a body. */
    public static Acknowledgement empty(int status) {
        return new Acknowledgement(status, null, new byte[0]);
    }

    /** 200 with this text. */
    public static Acknowledgement text(String text) {
        return new Acknowledgement(200, "text/plain; charset=utf-8", text.getBytes(UTF_8));
    }

    /** A status with JSON. */
    public static Acknowledgement json(int status, String json) {
        return new Acknowledgement(status, "application/json", json.getBytes(UTF_8));
    }
}
