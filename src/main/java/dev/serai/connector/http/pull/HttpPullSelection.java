package dev.serai.connector.http.pull;

import dev.serai.connector.pull.JqExpression;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The expression of the records, taken apart if it is a list's place, {@code PLACE[]}, {@code PLACE[] | FILTER} or {@code
 * [PLACE[] | FILTER]}: such records can be read one after the other.
 *
 * @param all the whole expression
 * @param place where the list is; null if the expression is of another kind
 * @param isEach whether the expression goes over the list
 * @param mayBeAny whether records may be other than objects, as the elements of a list may
 * @param filter what makes records of an element; null for the element itself
 */
record HttpPullSelection(
        JqExpression all,
        @Nullable HttpPullPath place,
        boolean isEach,
        boolean mayBeAny,
        @Nullable JqExpression filter) {
    private static final String OPTION = "records";
    private static final Pattern LIST = Pattern.compile("\\s*\\[(.*)]\\s*", Pattern.DOTALL);
    private static final Pattern EACH = Pattern.compile("\\s*\\[]\\s*(?:\\|(.*))?", Pattern.DOTALL);

    static HttpPullSelection of(String expression) {
        JqExpression all = new JqExpression(OPTION, expression);
        HttpPullPath plain = HttpPullPath.of(expression);
        if (plain != null) {
            return new HttpPullSelection(all, plain, false, true, null);
        }
        Matcher list = LIST.matcher(expression);
        String text = list.matches() ? list.group(1) : expression;
        HttpPullPath start = HttpPullPath.start(text);
        Matcher each = EACH.matcher(start == null ? "" : text.substring(start.length(text)));
        if (start == null || !each.matches()) {
            return new HttpPullSelection(all, null, false, true, null);
        }
        try {
            JqExpression filter = each.group(1) == null ? null : new JqExpression(OPTION, each.group(1));
            return new HttpPullSelection(all, start, true, list.matches(), filter);
        } catch (IllegalArgumentException e) { // the brackets are not one pair
            return new HttpPullSelection(all, null, false, true, null);
        }
    }

    /**
     * Whether the records can be read one after the other.
     *
     * @param others where what else of the answer is needed is; null if that is not a matter of places
     */
    boolean isStreamed(@Nullable List<HttpPullPath> others) {
        HttpPullPath list = place;
        return list != null && others != null && others.stream().noneMatch(one -> one.overlaps(list));
    }
}
