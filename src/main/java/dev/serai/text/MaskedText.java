package dev.serai.text;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Copies one text for {@link BodyMask}. It reads JSON at least as generously as any parser that a target may have: what is no
 * value by the letter of RFC 8259 is copied as long as names, commas and brackets are where they belong.
 *
 * <p>A string that holds JSON is read like the JSON itself at its place, and also as a document of its own.
 *
 * <p>Threads: one thread.
 */
final class MaskedText {
    static final int DEPTH_MAX = 1_000;

    private static final String MASK = "***";
    /** Each level doubles the backslashes of the next. */
    private static final int STRINGS_MAX = 20;

    private final MaskPaths paths;
    private final String in;
    private final BitSet root;
    private final int strings;
    private final StringBuilder out;
    private final Deque<Level> open = new ArrayDeque<>();
    private int at;
    /** Where the value begins that is masked; -1 outside of one. */
    private int maskFrom = -1;

    private int maskLevel;

    /** An object or array that is not closed yet. */
    private static final class Level {
        final boolean isObject;
        final BitSet state;
        int items;

        Level(boolean isObject, BitSet state) {
            this.isObject = isObject;
            this.state = state;
        }

        char end() {
            return isObject ? '}' : ']';
        }
    }

    /**
     * A text that is not read yet.
     *
     * @param root the state at the root of a document in it
     * @param strings in how many strings it is
     */
    MaskedText(MaskPaths paths, String in, BitSet root, int strings) {
        this.paths = paths;
        this.in = in;
        this.root = root;
        this.strings = strings;
        this.out = new StringBuilder(in.length());
    }

    static boolean mayHoldJson(String text) {
        return text.indexOf('{') >= 0 || text.indexOf('[') >= 0 || text.indexOf("\\u") >= 0;
    }

    /** The whole text, masked. */
    String masked() {
        int first = spaceEnd(0);
        while (at < in.length()) {
            int next = at;
            while (next < in.length() && !begins(next, next == first)) {
                next++;
            }
            out.append(in, at, next);
            at = next;
            if (at < in.length() && !document()) {
                endMask();
                out.append(MASK);
                break;
            }
            endMask();
        }
        return out.toString();
    }

    /** Whether JSON begins here; in the middle of a text a bracket alone does not tell. */
    private boolean begins(int from, boolean isFirst) {
        char c = in.charAt(from);
        if (c == '"' || (c != '{' && c != '[')) {
            return c == '"' && isFirst;
        }
        int next = spaceEnd(from + 1);
        if (next == in.length()) {
            return true;
        }
        char inside = in.charAt(next);
        boolean isNested = inside == '{' || inside == '[' || inside == '"';
        return c == '{' ? inside == '"' || inside == '}' : isNested || (isFirst && isList(next));
    }

    /** Whether a first item begins here as that of a list does, unlike in {@code [12:30] text}. */
    private boolean isList(int from) {
        int end = spaceEnd(wordEnd(from));
        return end == in.length() || in.charAt(end) == ',' || in.charAt(end) == ']';
    }

    private int spaceEnd(int from) {
        int end = from;
        while (end < in.length() && Character.isWhitespace(in.charAt(end))) {
            end++;
        }
        return end;
    }

    /** Copies one document, or what there is of it; false if it breaks. */
    private boolean document() {
        BitSet state = root;
        boolean wantsValue = true;
        do {
            space();
            if (at == in.length()) {
                return true;
            }
            char c = in.charAt(at);
            if (wantsValue) {
                beginMask(state);
                if (c == '{' || c == '[') {
                    if (open.size() == DEPTH_MAX) {
                        return false;
                    }
                    open.push(new Level(c == '{', state));
                    take();
                    space();
                    wantsValue = !closes();
                } else if (c == '"') {
                    string(state);
                    wantsValue = false;
                } else if (word()) {
                    wantsValue = false;
                } else {
                    return false;
                }
            } else if (c == ',') {
                take();
                wantsValue = true;
            } else if (!closes()) {
                return false;
            }
            if (wantsValue) {
                state = entry();
                if (state == null) {
                    return at == in.length();
                }
            } else if (maskFrom >= 0 && open.size() == maskLevel) {
                endMask();
            }
        } while (wantsValue || !open.isEmpty());
        return true;
    }

    private void beginMask(BitSet state) {
        if (maskFrom < 0 && paths.isMasked(state)) {
            maskFrom = out.length();
            maskLevel = open.size();
        }
    }

    private void endMask() {
        if (maskFrom >= 0) {
            out.setLength(maskFrom);
            out.append('"').append(MASK).append('"');
            maskFrom = -1;
        }
    }

    private boolean closes() {
        Level level = open.peek();
        if (level == null || at == in.length() || in.charAt(at) != level.end()) {
            return false;
        }
        open.pop();
        take();
        return true;
    }

    /** The state at the next field or item, up to whose value it copies; null if there is none. */
    private @Nullable BitSet entry() {
        Level level = open.peek();
        space();
        if (level == null || at == in.length()) {
            return null;
        }
        if (!level.isObject) {
            return paths.item(level.state, level.items++);
        }
        if (in.charAt(at) != '"') {
            return null;
        }
        int end = stringEnd();
        String name = JsonEscapes.decoded(in.substring(at + 1, Math.max(at + 1, end - 1)));
        copyTo(end);
        space();
        if (at == in.length() || in.charAt(at) != ':') {
            return null;
        }
        take();
        return paths.field(level.state, name);
    }

    private void string(BitSet state) {
        int end = stringEnd();
        boolean isClosed = end - at > 1 && in.charAt(end - 1) == '"' && !isEscaped(end - 1);
        String raw = in.substring(at + 1, isClosed ? end - 1 : end);
        if (maskFrom >= 0 || !mayHoldJson(raw)) {
            copyTo(end);
            return;
        }
        String plain = JsonEscapes.decoded(raw);
        String masked = MASK;
        if (strings < STRINGS_MAX) {
            BitSet inside = (BitSet) state.clone();
            inside.or(paths.start());
            masked = new MaskedText(paths, plain, inside, strings + 1).masked();
        }
        if (masked.equals(plain)) {
            copyTo(end);
            return;
        }
        out.append('"').append(JsonStringEncoder.getInstance().quoteAsString(masked));
        out.append(isClosed ? "\"" : "");
        at = end;
    }

    private boolean isEscaped(int quote) {
        int from = quote;
        while (in.charAt(from - 1) == '\\') {
            from--;
        }
        return (quote - from) % 2 == 1;
    }

    /** Behind the closing quote of the string that begins here. */
    private int stringEnd() {
        int end = at + 1;
        while (end < in.length() && in.charAt(end) != '"') {
            end += in.charAt(end) == '\\' ? 2 : 1;
        }
        return Math.min(end + 1, in.length());
    }

    /** A number, true, false or null, or what else a generous parser takes for one. */
    private boolean word() {
        int end = wordEnd(at);
        boolean isWord = end > at;
        copyTo(end);
        return isWord;
    }

    private int wordEnd(int from) {
        int end = from;
        while (end < in.length()
                && (Character.isLetterOrDigit(in.charAt(end)) || "+-._".indexOf(in.charAt(end)) >= 0)) {
            end++;
        }
        return end;
    }

    private void space() {
        copyTo(spaceEnd(at));
    }

    private void take() {
        copyTo(at + 1);
    }

    private void copyTo(int end) {
        out.append(in, at, end);
        at = end;
    }
}
