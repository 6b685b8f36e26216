package dev.serai.trace;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which span of which trace a message belongs to, as its headers say.
 *
 * <p>See: the W3C recommendation Trace Context
 *
 * @param parent the value of {@code traceparent}, which is valid
 * @param state that of {@code tracestate}, or null
 */
public record TraceContext(String parent, @Nullable String state) {
    public static final String PARENT = "traceparent";
    public static final String STATE = "tracestate";
    /** The names of its headers, as they are sent. */
    public static final List<String> HEADERS = List.of(PARENT, STATE);

    private static final int ID_START = 3;
    private static final int ID_END = 35;
    private static final int SPAN_START = 36;
    private static final int SPAN_END = 52;
    private static final int LENGTH = 55;

    /** The context in a message's headers, whose names may have any case; null if there is none or it is not valid. */
    public static @Nullable TraceContext of(Map<String, String> headers) {
        String parent = null;
        String state = null;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            if (header.getKey().equalsIgnoreCase(PARENT)) {
                parent = header.getValue();
            } else if (header.getKey().equalsIgnoreCase(STATE)) {
                state = header.getValue();
            }
        }
        return of(parent, state);
    }

    /** Null if there is none or it is not valid. */
    public static @Nullable TraceContext of(@Nullable String parent, @Nullable String state) {
        return parent != null && isValid(parent) ? new TraceContext(parent, state) : null;
    }

    /** Whether a header is part of a context. */
    public static boolean isHeader(String name) {
        return name.equalsIgnoreCase(PARENT) || name.equalsIgnoreCase(STATE);
    }

    /** A later version may have more after the flags. */
    private static boolean isValid(String text) {
        if (text.length() < LENGTH
                || !isHex(text, 0, 2)
                || !isHex(text, ID_START, ID_END)
                || !isHex(text, SPAN_START, SPAN_END)
                || !isHex(text, SPAN_END + 1, LENGTH)
                || text.charAt(2) != '-'
                || text.charAt(ID_END) != '-'
                || text.charAt(SPAN_END) != '-') {
            return false;
        }
        boolean isOfLength = text.length() == LENGTH || (!text.startsWith("00") && text.charAt(LENGTH) == '-');
        return isOfLength
                && !text.startsWith("ff")
                && !isZero(text, ID_START, ID_END)
                && !isZero(text, SPAN_START, SPAN_END);
    }

    private static boolean isHex(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static boolean isZero(String text, int start, int end) {
        for (int i = start; i < end; i++) {
            if (text.charAt(i) != '0') {
                return false;
            }
        }
        return true;
    }

    /** The id of the trace, 32 hexadecimal digits. */
    public String traceId() {
        return parent.substring(ID_START, ID_END);
    }

    /** These headers with this context in place of theirs. */
    public Map<String, String> in(Map<String, String> headers) {
        Map<String, String> with = new LinkedHashMap<>(headers);
        with.keySet().removeIf(TraceContext::isHeader);
        with.put(PARENT, parent);
        if (state != null) {
            with.put(STATE, state);
        }
        return with;
    }
}
