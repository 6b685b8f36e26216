package dev.serai.text;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.thisptr.jackson.jq.JsonQuery;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.Versions;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.tree.FunctionCall;
import net.thisptr.jackson.jq.internal.tree.FunctionDefinition;
import org.jspecify.annotations.Nullable;

/** Finds what is wrong with a jq expression before it runs: jq itself looks for its functions only while it evaluates. */
public final class JqSyntax {
    private static final String LIBRARY = "net.thisptr.jackson.jq.";
    private static final Pattern PLACE = Pattern.compile("at line (\\d+), column (\\d+)");
    private static final Pattern FOUND =
            Pattern.compile("Encountered:? \"(.*?)\" (?:\\(|at )|Encountered: '(.*?)' \\(");

    /** A name with the number of its arguments, since jq tells functions apart by both. */
    private record Signature(String name, int arguments) {}

    private final Scope functions;
    private final Set<Signature> called = new LinkedHashSet<>();
    private final Set<Signature> defined = new HashSet<>();
    private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

    private JqSyntax(Scope functions) {
        this.functions = functions;
    }

    /**
     * Why the expression cannot be evaluated, with the place and the expression; null if nothing is wrong.
     *
     * @param functions those that it may call
     */
    public static @Nullable String fault(String expression, Scope functions) {
        JsonQuery query;
        try {
            query = JsonQuery.compile(expression, Versions.JQ_1_7);
        } catch (JsonQueryException e) {
            return unreadable(
                    expression,
                    String.valueOf(e.getCause() == null ? null : e.getCause().getMessage()));
        }
        JqSyntax syntax = new JqSyntax(functions);
        try {
            syntax.visit(query);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("The parts of a jq expression cannot be read", e);
        }
        return syntax.unknownFunction(expression);
    }

    private static String unreadable(String expression, String parser) {
        Matcher place = PLACE.matcher(parser);
        Matcher found = FOUND.matcher(parser);
        String what = found.find() ? String.valueOf(found.group(1) == null ? found.group(2) : found.group(1)) : "";
        String unexpected = what.equals("<EOF>") || what.isEmpty() ? "its end" : what.replace("\\'", "'");
        String at = place.find()
                ? (place.group(1).equals("1") ? "" : " in line " + place.group(1)) + " at character " + place.group(2)
                : "";
        return "jq did not expect " + unexpected + at + " of: " + expression
                + (unexpected.equals("'") ? " (jq writes text in double quotes)" : "");
    }

    private @Nullable String unknownFunction(String expression) {
        for (Signature call : called) {
            if (!defined.contains(call) && functions.getFunction(call.name(), call.arguments()) == null) {
                Matcher place = Pattern.compile("(?<![\\w.$@])" + Pattern.quote(call.name()) + "(?!\\w)")
                        .matcher(expression);
                return "jq has no function " + call.name() + " with " + call.arguments()
                        + (call.arguments() == 1 ? " argument" : " arguments")
                        + (place.find() ? ", at character " + (place.start() + 1) : "") + " of: " + expression;
            }
        }
        return null;
    }

    /** The library has no visitor, so its tree is walked by its fields. */
    private void visit(@Nullable Object part) throws IllegalAccessException {
        if (part == null) {
            return;
        }
        if (part instanceof Collection<?> several) {
            for (Object one : several) {
                visit(one);
            }
        } else if (part instanceof Map<?, ?> map) {
            visit(map.values());
        } else if (part.getClass().getName().startsWith(LIBRARY) && !(part instanceof Enum) && seen.add(part)) {
            Map<String, Object> fields = fields(part);
            note(part, fields);
            visit(fields.values());
        }
    }

    private void note(Object part, Map<String, Object> fields) {
        if (part instanceof FunctionCall && fields.get("moduleName") == null) {
            called.add(signature(fields.get("name"), fields.get("args")));
        } else if (part instanceof FunctionDefinition) {
            defined.add(signature(fields.get("fname"), fields.get("args")));
            if (fields.get("args") instanceof Collection<?> arguments) {
                arguments.forEach(argument -> defined.add(new Signature(String.valueOf(argument), 0)));
            }
        }
    }

    private static Signature signature(@Nullable Object name, @Nullable Object arguments) {
        return new Signature(String.valueOf(name), arguments instanceof Collection<?> several ? several.size() : 0);
    }

    private static Map<String, Object> fields(Object part) throws IllegalAccessException {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Class<?> type = part.getClass(); type != null && type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && field.trySetAccessible()) {
                    Object value = field.get(part);
                    if (value != null) {
                        fields.put(field.getName(), value);
                    }
                }
            }
        }
        return fields;
    }
}
