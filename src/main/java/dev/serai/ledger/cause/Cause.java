package dev.serai.ledger.cause;

import dev.serai.ledger.model.Hash;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why deliveries fail: the status and the error text, in which numbers, ids, times, addresses and quoted values are folded, so
 * that failures of one kind have one cause.
 *
 * <p>The hash of the text is stored with each failure: if the folding changes, a migration has to compute it anew.
 *
 * @param text for people; folding it again changes nothing
 */
public record Cause(String text) {
    private static final int TEXT_MAX = 200;
    private static final int ID_DIGITS = 16;
    private static final Pattern ID = Pattern.compile("[0-9a-f]{" + ID_DIGITS + "}");

    /**
     * What is folded, the first that matches. Quoted text of JSON is kept unless it holds a digit or an at sign and no space: names
     * and messages tell causes apart.
     */
    private static final Pattern FOLDED = Pattern.compile("(?<kept><[a-z]+>|\\bHTTP \\d{3}\\b|\\A[1-5]\\d\\d(?= |\\z))"
            + "|(?<value>(?<![\\p{L}\\p{N}:,{\\[])(?:\"[^\"\\n]{1,100}\"|'[^'\\n]{1,100}'|`[^`\\n]{1,100}`)(?![\\p{L}\\p{N}:,}\\]])"
            + "|\"(?=[^\"\\s]*[\\d@])[^\"\\s]{1,100}\"(?!:))"
            + "|(?<time>\\b\\d{4}-\\d\\d-\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:[.,]\\d+)?)?)?(?: ?(?:Z|[+-]\\d\\d:?\\d\\d))?(?![\\p{L}\\p{N}])"
            + "|\\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d{1,2} [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d(?: [A-Z]{3}| [+-]\\d{4})?"
            + "|\\b\\d{1,2}:\\d\\d:\\d\\d(?:[.,]\\d+)?(?![\\p{L}\\p{N}]))"
            + "|(?<id>\\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\\b|\\b0[xX][0-9a-fA-F]+\\b)"
            + "|(?<address>\\b\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d{1,5})?(?![\\p{L}\\p{N}])|\\[[0-9a-fA-F:.]{2,45}](?::\\d{1,5})?)"
            + "|(?<number>(?<![\\p{L}\\p{N}])\\d+(?:[.,]\\d+)*(?=(?:ns|ms|s|min|h|d|B|kB|KB|KiB|MB|MiB|GB|GiB|%)?(?![\\p{L}\\p{N}_]|[-.]\\p{L}*\\d)))"
            + "|(?<word>(?<![\\p{L}\\p{N}])(?=[\\p{L}_.#-]*\\d)[\\p{L}\\p{N}]+(?:[-_.#][\\p{L}\\p{N}]+)*)");

    /** @param status the HTTP status that the target answered, if it answered one */
    public static Cause of(@Nullable Integer status, String error) {
        String folded = fold(error);
        boolean told = status == null || folded.startsWith(status + " ") || folded.contains("HTTP " + status);
        return new Cause(cut(told ? folded : status + " " + folded));
    }

    /** The hash of a cause that is given as its {@link #id} or its text. */
    public static long hashOf(String idOrText) {
        String given = idOrText.strip();
        return ID.matcher(given).matches() ? Long.parseUnsignedLong(given, ID_DIGITS) : Hash.of(cut(fold(given)));
    }

    public static String id(long hash) {
        return String.format("%016x", hash);
    }

    public long hash() {
        return Hash.of(text);
    }

    private static String fold(String error) {
        Matcher matcher = FOLDED.matcher(error.strip());
        StringBuilder folded = new StringBuilder();
        while (matcher.find()) {
            matcher.appendReplacement(folded, Matcher.quoteReplacement(placeholder(matcher)));
        }
        matcher.appendTail(folded);
        return folded.toString();
    }

    private static String placeholder(Matcher matcher) {
        if (matcher.group("kept") != null) {
            return matcher.group();
        }
        if (matcher.group("word") != null) {
            return "<id>";
        }
        for (String name : new String[] {"value", "time", "id", "address", "number"}) {
            if (matcher.group(name) != null) {
                return "<" + name + ">";
            }
        }
        throw new IllegalStateException("no group matched");
    }

    private static String cut(String text) {
        if (text.length() <= TEXT_MAX) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(TEXT_MAX - 2)) ? TEXT_MAX - 2 : TEXT_MAX - 1;
        return text.substring(0, end) + "…";
    }
}
