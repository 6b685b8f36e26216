package dev.serai.camel.ledger;

import dev.serai.text.LogText;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/** Failures as one line for status, log and dead letters, without the query strings of addresses, which may hold secrets. */
public final class FailureText {

    private FailureText() {}

    public static String of(Throwable failure) {
        String line = of(failure.getMessage(), failure);
        // It ends with an id that is in no log.
        return failure instanceof CamelExchangeException ? line.replaceFirst("\\.? Exchange\\[[^\\]]*\\]$", "") : line;
    }

    /** The failure in other words than its own, or under its class's name when there are none. */
    public static String of(@Nullable String message, Throwable failure) {
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        String line = LogText.line(message, Integer.MAX_VALUE);
        return URISupport.sanitizeUri(line.replaceAll("\\?\\S*", "?…"));
    }
}
