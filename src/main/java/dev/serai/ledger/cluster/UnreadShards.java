package dev.serai.ledger.cluster;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The shards of one database, which cannot be read now.
 *
 * @param database for people
 * @param first the lowest number of a shard
 * @param last the highest number of a shard
 * @param since when the first read failed
 * @param reason one line
 */
public record UnreadShards(String database, int first, int last, Instant since, String reason) {

    public int count() {
        return last - first + 1;
    }

    /** As in {@code shards 8 to 15}. */
    public String range() {
        return first == last ? "shard " + first : "shards " + first + " to " + last;
    }

    /** One line that says what is missing, since when and why. */
    public static String line(List<UnreadShards> missing) {
        return missing.stream()
                        .map(one -> one.range() + " of the ledger cannot be read since "
                                + one.since.truncatedTo(ChronoUnit.SECONDS) + " (" + one.reason + ")")
                        .collect(Collectors.joining("; "))
                + ": counts and lists are without what they have";
    }
}
