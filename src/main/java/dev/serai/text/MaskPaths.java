package dev.serai.text;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The paths of {@link BodyMask}, and how far into them a place in a document is. Names are compared without regard to case.
 *
 * <p>A path is a part of RFC 9535: {@code $}, then {@code .name}, {@code ['name']}, {@code .*}, {@code [*]} or {@code [0]}, each also
 * at any depth: {@code ..name}, {@code ..['name']}.
 *
 * <p>Threads: safe.
 */
final class MaskPaths {
    private static final Pattern STEP = Pattern.compile(
            "(\\.\\.|\\.)([\\p{L}\\p{N}_$@-]+|\\*)|(\\.\\.)?\\[\\s*(?:'([^']+)'|\"([^\"]+)\"|(\\*)|(\\d{1,9}))\\s*]");

    /** Where bodies are that Serai itself puts into something: requests of a batch, and the batch of a trial. */
    private static final List<String> BATCHES = List.of("$.changes[*].body", "$[*].body");

    private static final String USE = ": use $.name, $['a name'], $.items[*].phone, $.items[0] or $..name";

    /** The steps of all paths, each path followed by null: a state is the number of the next step. */
    private final List<@Nullable PathStep> steps = new ArrayList<>();

    private final BitSet start = new BitSet();

    /**
     * One step.
     *
     * @param deep whether any number of levels may lie before it
     * @param name null for an index or for all
     * @param index -1 for a name or for all
     */
    private record PathStep(boolean deep, @Nullable String name, int index) {
        boolean takes(@Nullable String field, int item) {
            return name != null ? name.equalsIgnoreCase(field) : index < 0 || index == item;
        }
    }

    /** @throws IllegalArgumentException that names the path that cannot be read */
    MaskPaths(String paths) {
        int at = 0;
        while (at < paths.length()) {
            char c = paths.charAt(at);
            if (Character.isWhitespace(c) || c == ',') {
                at++;
                continue;
            }
            int end = path(paths, at);
            for (String batch : BATCHES) {
                path(batch + paths.substring(at + 1, end), 0);
            }
            at = end;
        }
    }

    private int path(String paths, int from) {
        int first = steps.size();
        int at = from + 1;
        Matcher step = STEP.matcher(paths);
        while (paths.charAt(from) == '$' && step.region(at, paths.length()).lookingAt()) {
            steps.add(step(step));
            at = step.end();
        }
        boolean isWhole = at >= paths.length() || paths.charAt(at) == ',' || Character.isWhitespace(paths.charAt(at));
        if (!isWhole || steps.size() == first) {
            String path = paths.substring(from).split(",", 2)[0].strip();
            throw new IllegalArgumentException("\"" + path + "\" is not a path to a field"
                    + (isWhole && paths.charAt(from) == '$' ? ", it is the whole body" : "") + USE);
        }
        steps.add(null);
        start.set(first);
        return at;
    }

    private static PathStep step(Matcher step) {
        boolean deep = "..".equals(step.group(1)) || step.group(3) != null;
        String name = step.group(2) != null ? step.group(2) : step.group(4) != null ? step.group(4) : step.group(5);
        String index = step.group(7);
        return new PathStep(
                deep,
                name == null || name.equals("*") && step.group(2) != null ? null : name,
                index == null ? -1 : Integer.parseInt(index));
    }

    boolean isEmpty() {
        return steps.isEmpty();
    }

    /** The state at the root of a document. Never change it. */
    BitSet start() {
        return start;
    }

    /** The state at a field of an object. */
    BitSet field(BitSet state, String name) {
        return next(state, name, -1);
    }

    /** The state at an item of an array. */
    BitSet item(BitSet state, int index) {
        return next(state, null, index);
    }

    private BitSet next(BitSet state, @Nullable String name, int index) {
        BitSet next = new BitSet();
        for (int at = state.nextSetBit(0); at >= 0; at = state.nextSetBit(at + 1)) {
            PathStep step = steps.get(at);
            if (step != null && step.deep()) {
                next.set(at);
            }
            if (step != null && step.takes(name, index)) {
                next.set(at + 1);
            }
        }
        return next;
    }

    /** Whether a path leads here. */
    boolean isMasked(BitSet state) {
        return state.stream().anyMatch(at -> steps.get(at) == null);
    }
}
