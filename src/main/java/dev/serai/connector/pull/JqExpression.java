package dev.serai.connector.pull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.serai.text.ExactJson;
import dev.serai.text.JqFunctions;
import dev.serai.text.JqSyntax;
import dev.serai.text.LogText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import net.thisptr.jackson.jq.BuiltinFunctionLoader;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import org.jspecify.annotations.Nullable;

/**
 * Finds values in an answer or a record by a jq expression.
 *
 * <p>Threads: safe.
 */
public final class JqExpression {
    /** A record with NaN must not make the whole answer unreadable. */
    private static final ObjectReader JSON =
            ExactJson.ONE_VALUE.with(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS.mappedFeature());

    /** How many values an expression may find: what an answer holds may multiply. */
    private static final int VALUES_MAX =
            (int) Math.min(1_000_000, Runtime.getRuntime().maxMemory() / 1_024);

    private final String option;
    private final String expression;
    private final JsonQuery query;

    /** The expression of the named option. */
    public JqExpression(String option, String expression) {
        this.option = option;
        this.expression = expression;
        String fault = JqSyntax.fault(expression, JqFunctions.newScope());
        if (fault != null) {
            throw new IllegalArgumentException(option + " is not a jq expression: " + fault);
        }
        try {
            this.query = JsonQuery.compile(expression, Versions.JQ_1_6);
        } catch (JsonQueryException e) {
            throw new IllegalArgumentException(option + " is not a jq expression: " + e.getMessage(), e);
        }
    }

    /** jq's own functions. Reading them takes a twentieth of a second, which no start has to wait for. */
    private static final class Functions {
        private static final Scope SCOPE = Scope.newEmptyScope();

        static {
            BuiltinFunctionLoader.getInstance().loadFunctions(Versions.JQ_1_6, SCOPE);
        }
    }

    /** An answer's JSON; numbers keep their digits. */
    public static JsonNode json(byte[] body) throws IOException, PullException {
        try {
            JsonNode answer = JSON.readTree(body);
            if (answer != null && !answer.isMissingNode()) {
                return answer;
            }
        } catch (JsonProcessingException e) {
            throw new PullException("the answer is not JSON: " + LogText.of(e.getOriginalMessage()));
        }
        throw new PullException("the answer is empty");
    }

    /** The records: the elements of the list that is found, or the single value. */
    public List<JsonNode> list(JsonNode answer) throws PullException {
        List<JsonNode> found = all(answer);
        if (found.size() == 1 && found.get(0).isArray()) {
            List<JsonNode> elements = new ArrayList<>();
            found.get(0).forEach(elements::add);
            return elements;
        }
        if (found.stream().anyMatch(record -> !record.isObject())) {
            throw noList();
        }
        return found;
    }

    /** What is wrong with an answer that has no list where the expression looks for one. */
    public PullException noList() {
        return new PullException(option + " (" + expression
                + ") found no list of records in the answer (if there are none" + " then, write it like .items // [])");
    }

    /** The first value that is found; null if it is nothing, null, false or empty text. */
    public @Nullable JsonNode value(JsonNode answer) throws PullException {
        List<JsonNode> found = all(answer);
        if (found.isEmpty()) {
            return null;
        }
        JsonNode first = found.get(0);
        boolean nothing = first.isNull()
                || (first.isBoolean() && !first.booleanValue())
                || (first.isTextual() && first.textValue().isEmpty());
        return nothing ? null : first;
    }

    /** All values that are found. */
    public List<JsonNode> all(JsonNode answer) throws PullException {
        List<JsonNode> found = new ArrayList<>();
        try {
            query.apply(Scope.newChildScope(Functions.SCOPE), answer, value -> {
                if (found.size() == VALUES_MAX) {
                    throw new JsonQueryException("it finds more than " + VALUES_MAX + " values");
                }
                found.add(value);
            });
        } catch (JsonQueryException e) {
            throw new PullException(
                    option + " (" + expression + ") fails on the answer: " + LogText.of(e.getMessage()));
        }
        return found;
    }
}
