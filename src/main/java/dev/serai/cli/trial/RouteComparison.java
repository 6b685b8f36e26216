package dev.serai.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.serai.node.trial.TrialFailure;
import dev.serai.node.trial.TrialResult;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How two versions of a target's route deal with one change.
 *
 * @param verdict the kind of difference
 * @param differences between what the running version sends and what the other one sends, one line for each place; or why
 *     one of them sends nothing
 */
record RouteComparison(Agreement verdict, List<String> differences) {

    /** The kind of difference. */
    enum Agreement {
        /** Both send the same, or both nothing for the same reason. */
        EQUAL,
        /** They send different things. */
        DIFFERS,
        /** Only the running version takes the change. */
        REFUSED,
        /** Only the other version takes the change. */
        MENDED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static RouteComparison of(TrialResult running, TrialResult other) {
        TrialFailure before = running.failure();
        TrialFailure after = other.failure();
        if (before == null && after == null) {
            List<String> lines = Difference.of("requests", requests(running), requests(other));
            return new RouteComparison(lines.isEmpty() ? Agreement.EQUAL : Agreement.DIFFERS, lines);
        }
        if (before != null && after != null) {
            boolean isSame = before.reason().equals(after.reason());
            return isSame
                    ? new RouteComparison(Agreement.EQUAL, List.of())
                    : new RouteComparison(
                            Agreement.DIFFERS, List.of("failed: " + text(before), "fails: " + text(after)));
        }
        return after == null
                ? new RouteComparison(Agreement.MENDED, List.of("failed: " + text(before)))
                : new RouteComparison(Agreement.REFUSED, List.of(text(after)));
    }

    private static JsonNode requests(TrialResult result) {
        ArrayNode requests = JsonNodeFactory.instance.arrayNode();
        result.requests().forEach(request -> requests.add(TrialJson.request(request)));
        return requests;
    }

    private static String text(@Nullable TrialFailure failure) {
        if (failure == null) {
            return "";
        }
        return (failure.place() == null ? "" : failure.place() + ": ") + failure.reason() + "; " + failure.follows();
    }
}
