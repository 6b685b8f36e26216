package dev.serai.ledger.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a {@link FeedCall}.
 *
 * @param cursor of a new lease; null if there is none
 * @param changes of a new lease, each as JSON
 * @param ack how an acknowledgement ended, in the words of the feed; empty for other calls
 */
public record FeedAnswer(@Nullable String cursor, List<byte[]> changes, String ack) {
    public static final FeedAnswer NONE = new FeedAnswer(null, List.of(), "");

    public static FeedAnswer acknowledged(String ack) {
        return new FeedAnswer(null, List.of(), ack);
    }
}
