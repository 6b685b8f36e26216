package dev.serai.ledger.delivery;

import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.LedgerException;
import java.util.List;

/**
 * Rejects changes and names that the ledger cannot keep.
 *
 * <p>Threads: safe. Throws: {@link LedgerException.Invalid}, which says what to correct.
 */
public final class ChangeValidator {
    private static final int NAME_CHARS_MAX = 100;

    private final int textCharsMax;

    /** @param textCharsMax longest id, key or version */
    public ChangeValidator(int textCharsMax) {
        this.textCharsMax = textCharsMax;
    }

    public void requireValid(List<Change> changes) {
        for (Change change : changes) {
            requireName("flow", change.flow());
            requireText("id", change.id());
            requireText("key", change.key());
            if (change.version() != null) {
                requireText("version", change.version());
            }
        }
    }

    public static void requireName(String what, String name) {
        if (!isName(name)) {
            throw new LedgerException.Invalid(
                    "the name of a " + what + " must begin with a letter or digit and have up to" + " " + NAME_CHARS_MAX
                            + " letters, digits, dots, dashes and underscores, not \"" + name + "\"");
        }
    }

    private static boolean isName(String name) {
        if (name.isEmpty() || name.length() > NAME_CHARS_MAX || !isLetterOrDigit(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isLetterOrDigit(c) && c != '.' && c != '-' && c != '_') {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private void requireText(String what, String text) {
        if (text.isEmpty()) {
            throw new LedgerException.Invalid("the change has no " + what + ": check the " + what
                    + " expression of the route against what was sent");
        }
        if (text.length() > textCharsMax) {
            throw new LedgerException.Invalid(
                    "the " + what + " has " + text.length() + " characters; the maximum is " + textCharsMax);
        }
        if (text.indexOf('\0') >= 0) {
            throw new LedgerException.Invalid("the " + what + " contains a NUL character");
        }
        if (hasHalfPair(text)) {
            throw new LedgerException.Invalid(
                    "the " + what
                            + " contains half of a surrogate pair, which UTF-8 cannot represent: it was cut in the middle of a character");
        }
    }

    /** Stored, all of them would become the same question mark. */
    private static boolean hasHalfPair(String text) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if (Character.isHighSurrogate(c)
                    && at + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(at + 1))) {
                at++;
            } else if (Character.isSurrogate(c)) {
                return true;
            }
        }
        return false;
    }
}
