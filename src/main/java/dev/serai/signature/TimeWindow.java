package dev.serai.signature;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How far the time of a signature may differ from now, in either direction. */
public record TimeWindow(Duration tolerance) {

    private static final Pattern UNIX_SECONDS = Pattern.compile("[0-9]{1,12}");
    private static final Pattern UNIX_MILLIS = Pattern.compile("[0-9]{1,15}");

    /** The refusal of a request signed outside the window; null inside it. The header holds Unix seconds. */
    public @Nullable Refusal refuseOutside(String header, String unixSeconds, Instant now) {
        if (!UNIX_SECONDS.matcher(unixSeconds).matches()) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The header " + header + " is not a Unix time: send whole seconds in digits.");
        }
        return refuseOutside(header, Long.parseLong(unixSeconds), now);
    }

    /** As {@link #refuseOutside(String, String, Instant)}, of a header that holds Unix milliseconds. */
    public @Nullable Refusal refuseMillisOutside(String header, String unixMillis, Instant now) {
        if (!UNIX_MILLIS.matcher(unixMillis).matches()) {
            return new Refusal(
                    RefusalReason.MALFORMED,
                    "The header " + header + " is not a Unix time: send whole milliseconds in digits.");
        }
        return refuseOutside(header, Long.parseLong(unixMillis) / 1000, now);
    }

    private @Nullable Refusal refuseOutside(String header, long unixSeconds, Instant now) {
        long past = now.getEpochSecond() - unixSeconds;
        if (Math.abs(past) <= tolerance.toSeconds()) {
            return null;
        }
        String where = past > 0 ? past + " s in the past" : -past + " s in the future";
        return new Refusal(
                RefusalReason.STALE,
                "The header " + header + " is " + where + ", allowed are " + tolerance.toSeconds()
                        + " s: sign each attempt again and check both clocks.");
    }
}
