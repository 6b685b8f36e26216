package dev.serai.node;

import dev.serai.node.mistake.ParserMistake;
import dev.serai.node.mistake.RouteMistakes;
import dev.serai.text.JqFunctions;
import dev.serai.text.JqSyntax;
import dev.serai.text.NearestName;
import dev.serai.text.SecretNames;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import org.apache.camel.CamelContext;
import org.apache.camel.ExpressionIllegalSyntaxException;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.language.simple.types.SimpleIllegalSyntaxException;
import org.jspecify.annotations.Nullable;

/** Says in plain words what kept the program from starting, without a value that may be secret. */
final class FailureReason {
    private static final Pattern NO_COMPONENT = Pattern.compile("No endpoint could be found for: ([^:]+):");
    /** What follows may contain a secret that stands beside the missing property. */
    private static final Pattern PROPERTY_BESIDE = Pattern.compile("(?s)( not found in properties) from text: .*");

    private static final Pattern PROPERTY = Pattern.compile("Property with key \\[(.*?)] not found in properties");
    private static final Pattern DUPLICATE_IDS = Pattern.compile("Duplicate route ids detected: (\\S+(?:, \\S+)*)\\. ");
    private static final Pattern NO_STEPS = Pattern.compile("Route (\\S+) has no output processors");
    private static final Pattern MISSING_PARAMETERS =
            Pattern.compile("the following mandatory parameters must be provided: (.*)");
    private static final Pattern UNKNOWN_PARAMETERS =
            Pattern.compile("(?s)Failed to resolve endpoint: ([\\w+.-]+):.*Unknown parameters=\\[\\{(.*)}]");
    private static final Pattern NAME = Pattern.compile("(?:^|, )([\\w.-]+)=");
    private static final Pattern NO_KAMELET = Pattern.compile("Resource not found: \\S*?([^/]+)\\.kamelet\\.yaml");

    private FailureReason() {}

    static String of(List<Throwable> chain, @Nullable CamelContext context) {
        String missing = inMessages(
                chain, MISSING_PARAMETERS, found -> "the Kamelet's required parameters are missing: " + found.group(1));
        if (missing != null) {
            return missing;
        }
        for (Throwable cause : chain) {
            String reason = ofExpression(cause);
            if (reason != null) {
                return reason;
            }
        }
        String parameters = context == null
                ? null
                : inMessages(
                        chain,
                        UNKNOWN_PARAMETERS,
                        found -> RouteMistakes.unknownParameters(
                                context,
                                found.group(1),
                                NAME.matcher(found.group(2))
                                        .results()
                                        .map(name -> name.group(1))
                                        .toList()));
        if (parameters != null && !parameters.isEmpty()) {
            return parameters;
        }
        PropertyBindingException option = null;
        for (Throwable cause : chain) {
            if (cause instanceof PropertyBindingException binding && binding.getPropertyName() != null) {
                option = binding; // the innermost one knows the option best
            }
        }
        if (option != null) {
            return ofOption(option, chain.get(chain.size() - 1));
        }
        return ofRoot(chain, context);
    }

    /** One line with its place for each mistake that the text of the files shows; null if it shows none. */
    static @Nullable String inFiles(List<Throwable> chain, @Nullable CamelContext context) {
        String unreadable = ParserMistake.explain(chain, context);
        if (unreadable != null || context == null) {
            return unreadable;
        }
        String duplicate = inMessages(
                chain,
                DUPLICATE_IDS,
                found -> RouteMistakes.sharedIds(context, List.of(found.group(1).split(", "))));
        return duplicate != null && !duplicate.isEmpty() ? duplicate : missingProperties(chain, context);
    }

    private static @Nullable String missingProperties(List<Throwable> chain, CamelContext context) {
        Settings settings = Settings.of(context);
        if (settings == null) {
            return null;
        }
        return inMessages(chain, PROPERTY, found -> {
            List<String> all = RouteMistakes.missingProperties(context, settings.names());
            if (!all.isEmpty()) {
                return String.join("\n", all);
            }
            String place = FailurePlace.of(chain, context);
            return (place == null ? "" : place + ": ")
                    + RouteMistakes.missingProperty(found.group(1), settings.names());
        });
    }

    private static @Nullable String inMessages(
            List<Throwable> chain, Pattern pattern, Function<Matcher, String> reason) {
        for (Throwable cause : chain) {
            Matcher found = pattern.matcher(String.valueOf(cause.getMessage()));
            if (found.find()) {
                return reason.apply(found);
            }
        }
        return null;
    }

    private static @Nullable String ofExpression(Throwable cause) {
        if (cause instanceof ExpressionIllegalSyntaxException broken
                && broken.getCause() instanceof JsonQueryException) {
            return String.valueOf(JqSyntax.fault(broken.getExpression(), JqFunctions.newScope()));
        }
        if (cause instanceof SimpleIllegalSyntaxException broken && broken.getExpression() != null) {
            return "the expression cannot be read"
                    + (broken.getIndex() < 0 ? "" : " at character " + (broken.getIndex() + 1)) + ": "
                    + broken.getShortMessage() + ", in: " + broken.getExpression();
        }
        return null;
    }

    /** Its value is shown only if it was refused as a value, and never if it may be secret. */
    private static String ofOption(PropertyBindingException refused, Throwable root) {
        String name = String.valueOf(refused.getPropertyName());
        String value = String.valueOf(refused.getValue());
        if (value.startsWith("#bean:") || value.startsWith("#class:")) { // made for a Kamelet, from its parameters
            return root == refused ? "the option " + name + " cannot be used" : oneLine(root);
        }
        if (root == refused) {
            Set<String> known = options(refused.getTarget());
            return "there is no option " + name + NearestName.hint(name, known)
                    + (known.isEmpty() ? "" : ": there are " + String.join(", ", known));
        }
        String said = "the option " + name + " cannot be "
                + (SecretNames.isParameter(name) || value.contains("://") ? "what is given" : "\"" + value + "\"");
        boolean isTold = root instanceof IllegalArgumentException && !(root instanceof NumberFormatException);
        if (isTold && oneLine(root).startsWith(name + " ")) {
            return oneLine(root);
        }
        return isTold ? said + ": " + oneLine(root) : said;
    }

    private static Set<String> options(@Nullable Object target) {
        Set<String> names = new TreeSet<>();
        if (target != null) {
            Arrays.stream(target.getClass().getMethods())
                    .filter(method -> method.getName().matches("set[A-Z].*") && method.getParameterCount() == 1)
                    .map(method -> Character.toLowerCase(method.getName().charAt(3))
                            + method.getName().substring(4))
                    .forEach(names::add);
        }
        return names;
    }

    private static String ofRoot(List<Throwable> chain, @Nullable CamelContext context) {
        Throwable root = chain.get(chain.size() - 1);
        Throwable said = root.getMessage() == null && chain.size() > 1 ? chain.get(chain.size() - 2) : root;
        if (root instanceof ClassNotFoundException || root instanceof NoClassDefFoundError) {
            return "the class " + String.valueOf(root.getMessage()).replace('/', '.')
                    + " is missing: check its name, or put the jar that has it into components/";
        }
        if (root instanceof NullPointerException && isOfVault(root)) { // Camel's own words for it
            return "the Vault has no secret where a {{hashicorp:ENGINE:PATH#FIELD}} looks for it: check engine, path and field";
        }
        String text = oneLine(said);
        Matcher kamelet = NO_KAMELET.matcher(text);
        if (kamelet.find()) {
            return "there is no Kamelet named " + kamelet.group(1);
        }
        Matcher component = NO_COMPONENT.matcher(text);
        if (component.find() && context != null) {
            return RouteMistakes.noComponent(context, component.group(1));
        }
        Matcher empty = NO_STEPS.matcher(text);
        if (empty.find()) {
            return "the route " + empty.group(1) + " has no steps, so nothing would become of its messages";
        }
        if (text.startsWith("Unsupported definition: null")) {
            return "a step has no expression: add one, as in jq: .id or simple: ${body}";
        }
        if (text.startsWith("uri must be specified")) {
            return "a step has no uri, which names the component and what it is about, as in uri: ledger:orders";
        }
        return text.replaceFirst("^Failed to (?:create|start) route.*? because: ", "")
                .replaceFirst("^Failed to resolve endpoint: .*? due to: ", "")
                .replaceFirst("^Resource is empty: file:(\\S+)$", "$1: is empty");
    }

    private static boolean isOfVault(Throwable failure) {
        StackTraceElement[] stack = failure.getStackTrace();
        return stack.length > 0 && stack[0].getClassName().startsWith("org.apache.camel.component.hashicorp.vault");
    }

    private static @Nullable String withoutSecrets(@Nullable String message) {
        return message == null ? null : PROPERTY_BESIDE.matcher(message).replaceFirst("$1");
    }

    /** The message without the parsers' pictures of the source, in one line. */
    static String oneLine(Throwable failure) {
        boolean onlyNamesClass = failure instanceof LinkageError || failure instanceof ClassNotFoundException;
        String message = onlyNamesClass ? failure.toString() : withoutSecrets(failure.getMessage());
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        StringBuilder line = new StringBuilder();
        for (String part : message.split("\\R")) {
            boolean picture = part.isBlank() || part.strip().equals("^") || FailurePlace.isIn(part);
            if (!picture && !part.startsWith("    ")) {
                line.append(line.isEmpty() ? "" : " ").append(part.strip());
            }
        }
        return line.isEmpty() ? message.replaceAll("\\s+", " ") : line.toString();
    }
}
