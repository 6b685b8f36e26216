package dev.serai.reconcile.bill;

import dev.serai.connector.pull.PullException;
import dev.serai.text.LogText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the rows of a bill, and compares the sums with what the bill says of itself.
 *
 * <p>Threads: one.
 */
final class BillTotals {
    private final Map<String, Long> sums = new HashMap<>();

    /** Adds an amount in yuan; one that cannot be read is a fault of its row and does not count. */
    void add(String title, String yuan) {
        if (yuan.isBlank()) {
            return;
        }
        try {
            sums.merge(title, SmallestUnit.YUAN.fen(yuan), Math::addExact);
        } catch (PullException e) {
            // its row says so
        }
    }

    /**
     * How the bill's totals differ from its rows.
     *
     * @param count how many rows it says to have; null if it does not say
     * @param rows how many it has
     * @param said sums by title, in yuan; others than those that were added are ignored
     * @return null if they do not differ
     */
    @Nullable String fault(@Nullable String count, long rows, Map<String, String> said) {
        List<String> faults = new ArrayList<>();
        if (count != null && !count.strip().equals(String.valueOf(rows))) {
            faults.add("it says " + LogText.of(count) + " rows and has " + rows);
        }
        said.forEach((title, yuan) -> {
            Long sum = sums.get(title);
            if (sum != null && !yuan.isBlank() && !isEqual(sum, yuan)) {
                faults.add("it says " + title + " " + LogText.of(yuan) + " and has " + SmallestUnit.yuan(sum));
            }
        });
        return faults.isEmpty() ? null : "the bill contradicts itself: " + String.join("; ", faults);
    }

    private static boolean isEqual(long fen, String yuan) {
        try {
            return SmallestUnit.YUAN.fen(yuan) == fen;
        } catch (PullException e) {
            return false;
        }
    }
}
