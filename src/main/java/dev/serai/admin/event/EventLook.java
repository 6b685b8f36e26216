package dev.serai.admin.event;

import dev.serai.admin.event.EventContent.LogEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What all listeners are told after one look at the node.
 *
 * @param status an event
 * @param replays an event; null if there is nothing new about replays
 * @param entries an event for each entry of the audit that is new or has ended, the oldest first
 * @param running the entries up to the newest that was told which have not ended
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
        Set<Long> running,
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
        List<LogEvent> entries = new ArrayList<>();
        Set<Long> running = before == null ? content.running().get() : before.running;
        long newestEntry;
        if (before == null) {
            newestEntry = content.newestEntry().getAsLong();
        } else if (before.logCount == logCount) {
            newestEntry = before.newestEntry;
        } else {
            before.running.stream()
                    .filter(id -> id <= before.newestEntry)
                    .sorted()
                    .forEach(id -> content.entry()
                            .apply(id)
                            .filter(one -> !one.running())
                            .ifPresent(entries::add));
            List<LogEvent> added = content.entriesAfter().apply(before.newestEntry);
            newestEntry = added.isEmpty()
                    ? before.newestEntry
                    : added.get(added.size() - 1).id();
            entries.addAll(added);
            running = running(before.running, entries);
        }
        return new EventLook(
                status,
                replays,
                entries.stream().map(entry -> event("log", entry.json())).toList(),
                running,
                logCount,
                newestEntry,
                newestReplay,
                run,
                statusNanos);
    }

    private static Set<Long> running(Set<Long> before, List<LogEvent> told) {
        Set<Long> running = new HashSet<>(before);
        for (LogEvent entry : told) {
            if (entry.running()) {
                running.add(entry.id());
            } else {
                running.remove(entry.id());
            }
        }
        return running;
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
