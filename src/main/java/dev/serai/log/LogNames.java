package dev.serai.log;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The flow, target and route that a log line is about, as far as they are known.
 *
 * <p>They come from the delivery that runs on the thread, from the step in a route that logs, or from the message, if it has
 * the name of a target as {@code FLOW/TARGET}.
 *
 * <p>Threads: safe.
 */
public record LogNames(
        @Nullable String flow,
        @Nullable String target,
        @Nullable String route) {
    static final LogNames NONE = new LogNames(null, null, null);

    /** Not the MDC, whose content threads inherit that are made meanwhile. */
    private static final ThreadLocal<String> DELIVERY = new ThreadLocal<>();

    private static final ThreadLocal<LogNames> STEP = new ThreadLocal<>();
    private static final ThreadLocal<String> TRACE = new ThreadLocal<>();
    private static final Set<String> TARGETS = ConcurrentHashMap.newKeySet();

    /** Lets lines be recognised that name this target, as {@code FLOW/TARGET}. */
    public static void know(String target) {
        TARGETS.add(target);
    }

    /** What this thread logs until {@link #endDelivery} is about this target, given as {@code FLOW/TARGET}. */
    public static void beginDelivery(String target) {
        DELIVERY.set(target);
    }

    public static void endDelivery() {
        DELIVERY.remove();
    }

    /** What this thread logs until {@link #endTrace} is about a change of this trace. */
    public static void beginTrace(@Nullable String traceId) {
        if (traceId != null) {
            TRACE.set(traceId);
        }
    }

    public static void endTrace() {
        TRACE.remove();
    }

    /** The trace of what the present thread does; null if that is not known. */
    static @Nullable String traceId() {
        return TRACE.get();
    }

    /** What this thread logs until {@link #endStep} comes from a step in a route. */
    public static void beginStep(@Nullable String route, @Nullable String flow, @Nullable String target) {
        STEP.set(new LogNames(flow, target, route));
    }

    public static void endStep() {
        STEP.remove();
    }

    /** The names for a line of the present thread. */
    static LogNames of(String message) {
        LogNames step = STEP.get();
        if (step != null && step.target != null) {
            return step;
        }
        String delivery = DELIVERY.get();
        LogNames target = delivery != null ? ofTarget(delivery) : inText(message);
        return step == null ? target : new LogNames(target.flow, target.target, step.route);
    }

    private static LogNames ofTarget(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? NONE : new LogNames(name.substring(0, slash), name.substring(slash + 1), null);
    }

    /** The only target whose name is a word of the text. */
    private static LogNames inText(String text) {
        String found = null;
        int slash = text.indexOf('/');
        while (slash >= 0) {
            int start = text.lastIndexOf(' ', slash) + 1;
            int end = text.indexOf(' ', slash);
            end = end < 0 ? text.length() : end;
            String word = text.substring(start, end);
            while (!word.isEmpty() && !TARGETS.contains(word) && ".,:;)".indexOf(word.charAt(word.length() - 1)) >= 0) {
                word = word.substring(0, word.length() - 1);
            }
            if (TARGETS.contains(word)) {
                if (found != null && !found.equals(word)) {
                    return NONE;
                }
                found = word;
            }
            slash = text.indexOf('/', end);
        }
        return found == null ? NONE : ofTarget(found);
    }
}
