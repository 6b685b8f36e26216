package dev.serai.camel.trace;

import dev.serai.text.LogText;
import dev.serai.text.SecretNames;

/** An error as a span shows it: one line, as in the log, without secrets of addresses. */
final class SpanError {
    private static final int CHARS_MAX = 500;

    private SpanError() {}

    static String of(String error) {
        return LogText.line(SecretNames.withoutUrlSecrets(error), CHARS_MAX);
    }
}
