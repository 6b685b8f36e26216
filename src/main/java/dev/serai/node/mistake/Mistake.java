package dev.serai.node.mistake;

import org.jspecify.annotations.Nullable;

/**
 * Something that is wrong in a file, in one line for the person who mends it.
 *
 * @param place file and line, as far as they are known
 * @param reason what is wrong and what would be right; never a value that may be secret
 */
record Mistake(@Nullable String place, String reason) {
    String line() {
        return place == null ? reason : place + ": " + reason;
    }
}
