package dev.serai.connector.http.answer;

import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.text.LogText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A condition on an answer: {@code status in 200-299, 409}, a jq expression on its body that is neither null, false nor empty,
 * or both with {@code and} between them.
 *
 * <p>Threads: safe.
 */
final class HttpSinkCondition {
    private static final Pattern WRITTEN =
            Pattern.compile("(?s)\\s*status\\s+in\\s+([0-9xX,\\s-]+?)(?:\\s+and\\s+(.+))?\\s*");
    private static final Pattern RANGE = Pattern.compile("([1-5])xx|([1-5][0-9]{2})(?:\\s*-\\s*([1-5][0-9]{2}))?");

    private record StatusRange(int from, int to) {}

    private final List<StatusRange> statuses = new ArrayList<>();
    private final @Nullable JqExpression body;

    /** @param option its name, for messages */
    HttpSinkCondition(String option, String written) {
        Matcher parts = WRITTEN.matcher(written);
        if (!parts.matches()) {
            body = new JqExpression(option, written);
            return;
        }
        for (String one : parts.group(1).split(",", -1)) {
            Matcher range = RANGE.matcher(one.strip().toLowerCase(Locale.ROOT));
            if (!range.matches()) {
                throw new IllegalArgumentException(option + ": \"" + LogText.of(one.strip())
                        + "\" is no status; write it like: status in 200-299, 409, 5xx");
            }
            statuses.add(range(range));
        }
        String jq = parts.group(2);
        body = jq == null ? null : new JqExpression(option, jq);
    }

    private static StatusRange range(Matcher range) {
        if (range.group(1) != null) {
            int hundreds = Integer.parseInt(range.group(1)) * 100;
            return new StatusRange(hundreds, hundreds + 99);
        }
        int from = Integer.parseInt(range.group(2));
        return new StatusRange(from, range.group(3) == null ? from : Integer.parseInt(range.group(3)));
    }

    /** Whether it looks at answers with this status; without a list, at those of 2xx. */
    boolean covers(int status) {
        return statuses.isEmpty()
                ? status >= 200 && status < 300
                : statuses.stream().anyMatch(range -> range.from() <= status && status <= range.to());
    }

    /** The same without a list at all answers, for what may be said in any of them. */
    boolean coversAny(int status) {
        return statuses.isEmpty() || covers(status);
    }

    /** Whether the answer's body is as it says; false for a body that is not JSON or was cut. */
    boolean holds(HttpSinkAnswer answer) {
        return holds(answer.cut() == null ? answer.body() : null);
    }

    /** @param bytes null if there is no whole body */
    boolean holds(byte @Nullable [] bytes) {
        if (body == null) {
            return true;
        }
        if (bytes == null) {
            return false;
        }
        try {
            return body.value(JqExpression.json(bytes)) != null;
        } catch (IOException | PullException e) {
            return false;
        }
    }
}
