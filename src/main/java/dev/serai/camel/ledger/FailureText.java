package dev.serai.camel.ledger;

import dev.serai.text.LogText;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** Failures as one line for status, log and dead letters, without query strings, which may contain secrets. */
public final class FailureText {

    private FailureText() {}

    /** Never throws, whatever the failure's own methods do. */
    public static String of(Throwable failure) {
        String message;
        try {
            message = failure.getMessage();
        } catch (RuntimeException | Error e) {
            message = null;
        }
        String line = of(message, failure);
        // The exchange's id at the end is in no log.
        return failure instanceof CamelExchangeException ? line.replaceFirst("\\.? Exchange\\[[^\\]]*\\]$", "") : line;
    }

    /** A failure with this message, or its class's name without one. */
    public static String of(@Nullable String message, Throwable failure) {
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        String line = LogText.line(message, Integer.MAX_VALUE);
        return URISupport.sanitizeUri(line.replaceAll("\\?\\S*", "?…"));
    }
}
