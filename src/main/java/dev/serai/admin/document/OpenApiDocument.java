package dev.serai.admin.document;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * The OpenAPI document of the admin port, written by hand in {@code openapi.json}. Tests compare it with the routes and with real
 * answers.
 *
 * <p>Threads: safe.
 */
public final class OpenApiDocument {
    private OpenApiDocument() {}

    /** The document as JSON; it may block. */
    public static byte[] read() {
        try (InputStream file = OpenApiDocument.class.getResourceAsStream("openapi.json")) {
            return Objects.requireNonNull(file, "openapi.json is missing in this build")
                    .readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
