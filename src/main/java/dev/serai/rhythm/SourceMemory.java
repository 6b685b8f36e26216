package dev.serai.rhythm;

import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is learned about a source, which outlives its route and the process.
 *
 * @param flows that it pushed to; empty for one that is not pushed to
 *     <p>Threads: safe.
 */
public record SourceMemory(Rhythm rhythm, MissedShare missed, Set<String> flows) {

    /** Of a source of which nothing is known. */
    public static SourceMemory none(ZoneId zone) {
        return new SourceMemory(new Rhythm(zone), new MissedShare(), ConcurrentHashMap.newKeySet());
    }

    /** It pushes to these flows now; of a source that has pushed nothing yet the ones before are kept. */
    public void pushesTo(Collection<String> now) {
        if (!now.isEmpty()) {
            flows.addAll(now);
            flows.retainAll(now);
        }
    }

    /** What {@link #of} reads; below 20,000 characters and the names of the flows. */
    public String text() {
        return missed.text() + "\n" + String.join("\t", flows) + "\n" + rhythm.text();
    }

    /** What was saved; throws {@link IllegalArgumentException} if the text is not that of this program. */
    public static SourceMemory of(String text, ZoneId zone) {
        String[] parts = text.split("\n", 3);
        if (parts.length < 3) {
            throw new IllegalArgumentException("not what is learned about a source");
        }
        Set<String> flows = ConcurrentHashMap.newKeySet();
        Arrays.stream(parts[1].split("\t", -1)).filter(flow -> !flow.isEmpty()).forEach(flows::add);
        return new SourceMemory(Rhythm.of(parts[2], zone), MissedShare.of(parts[0]), flows);
    }
}
