package dev.serai.admin.event;

import dev.serai.admin.event.EventContent.LogEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What all listeners are told after one look at the node.
 *
 * @param status an event
 * @param replays an event; null if there is nothing new about replays
 * @param entries an event for each new entry of the audit, the oldest first
 * @param logCount up to which the audit was read
 * @param newestEntry the newest entry that was told
 * @param newestReplay the newest replay at this look
 * @param replaysRan whether a replay was under way
 * @param statusNanos how long it took to find out the status; 0 if it is an older one
 */
record EventLook(
        byte[] status,
        byte @Nullable [] replays,
        List<byte[]> entries,
        long logCount,
        long newestEntry,
        long newestReplay,
        boolean replaysRan,
        long statusNanos) {

    /**
     * Looks at the node; may block.
     *
     * @param before the last look; null for the first of new listeners, who are told what comes from now on
     * @param knownStatus an older status, as an event; null to find out that of now
     */
    static EventLook now(EventContent content, @Nullable EventLook before, byte @Nullable [] knownStatus) {
        long begin = System.nanoTime();
        byte[] status = knownStatus == null ? event("status", content.status().get()) : knownStatus;
        long statusNanos = knownStatus == null ? System.nanoTime() - begin : 0;
        long newestReplay = content.newestReplay().getAsLong();
        boolean run = content.replaysRun().getAsBoolean();
        boolean news = run || (before != null && (before.replaysRan || before.newestReplay != newestReplay));
        byte[] replays = news ? event("replays", content.replays().get()) : null;
        // Counted before it is read, so that an entry that comes meanwhile is found by the next look.
        long logCount = content.logCount().getAsLong();
        List<LogEvent> entries = List.of();
        long newestEntry;
        if (before == null) {
            newestEntry = content.newestEntry().getAsLong();
        } else if (before.logCount == logCount) {
            newestEntry = before.newestEntry;
        } else {
            entries = content.entriesAfter().apply(before.newestEntry);
            newestEntry = entries.isEmpty()
                    ? before.newestEntry
                    : entries.get(entries.size() - 1).id();
        }
        return new EventLook(
                status,
                replays,
                entries.stream().map(entry -> event("log", entry.json())).toList(),
                logCount,
                newestEntry,
                newestReplay,
                run,
                statusNanos);
    }

    /** See WHATWG HTML, section 9.2; JSON that is written by machines has no line breaks. */
    static byte[] event(String name, byte[] json) {
        byte[] head = ("event: " + name + "\ndata: ").getBytes(StandardCharsets.UTF_8);
        byte[] event = new byte[head.length + json.length + 2];
        System.arraycopy(head, 0, event, 0, head.length);
        System.arraycopy(json, 0, event, head.length, json.length);
        event[event.length - 2] = '\n';
        event[event.length - 1] = '\n';
        return event;
    }
}
