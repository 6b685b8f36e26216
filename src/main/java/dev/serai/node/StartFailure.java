package dev.serai.node;

import dev.serai.ledger.model.StoreException;
import dev.serai.node.route.ConfigurationException;
import dev.serai.node.route.RouteModel;
import dev.serai.store.StoreOpenException;
import dev.serai.text.JqFunctions;
import dev.serai.text.JqSyntax;
import dev.serai.text.SecretNames;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import org.apache.camel.CamelContext;
import org.apache.camel.ExpressionIllegalSyntaxException;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.NamedNode;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Why the program cannot start, for the person who repairs it.
 *
 * @param exitCode 2 for a bad configuration or route, 3 for a ledger that cannot be opened, 4 for a taken port
 * @param message one line, with file and line where they are known
 */
public record StartFailure(int exitCode, String message) {
    static final int CONFIGURATION = 2;
    public static final int LEDGER = 3;
    static final int PORT = 4;
    /** Not at the start: an error ended the ledger's writer. */
    public static final int WRITER_ENDED = 5;

    /** A shorter one could be a part of any word. */
    private static final int SECRET_CHARS_MIN = 6;

    private static final Pattern FILE_AND_LINE = Pattern.compile("in file:(\\S+?), line (\\d+)");
    private static final Pattern TEMPLATE = Pattern.compile("(?:from template: |Kamelet with id )(\\S+)");
    private static final Pattern NO_COMPONENT = Pattern.compile("No endpoint could be found for: ([^:]+):");
    /** What follows may contain a secret that stands beside the missing property. */
    private static final Pattern PROPERTY_BESIDE = Pattern.compile("(?s)( not found in properties) from text: .*");

    private static final Pattern MISSING_PARAMETERS =
            Pattern.compile("the following mandatory parameters must be provided: (.*)");

    /** @param context the context whose start failed, or null if it failed before there was one */
    public static StartFailure of(Throwable failure, @Nullable CamelContext context) {
        StartFailure found = unmasked(failure, context);
        return context == null
                ? found
                : new StartFailure(found.exitCode, SecretNames.masked(found.message, secrets(context)));
    }

    /** The values of the properties that have secrets, which an option of another name may refer to. */
    private static List<String> secrets(CamelContext context) {
        Properties properties = context.getPropertiesComponent().loadProperties(SecretNames::isParameter);
        return properties.values().stream()
                .map(Object::toString)
                .filter(value -> value.length() >= SECRET_CHARS_MIN && !value.contains("{{"))
                .toList();
    }

    private static StartFailure unmasked(Throwable failure, @Nullable CamelContext context) {
        List<Throwable> chain = chain(failure);
        for (Throwable cause : chain) {
            if (cause instanceof StoreOpenException open) {
                int code = open.reason() == StoreOpenException.OpenProblem.UNWRITABLE ? CONFIGURATION : LEDGER;
                return new StartFailure(code, oneLine(open));
            }
            if (cause instanceof StoreException) {
                return new StartFailure(LEDGER, oneLine(cause));
            }
            if (cause instanceof BindException) {
                return new StartFailure(PORT, portTaken(chain, cause));
            }
            if (cause instanceof UnknownHostException) {
                return new StartFailure(CONFIGURATION, oneLine(cause) + "; check serai.http.host and serai.admin.host");
            }
            if (cause instanceof ConfigurationException) {
                return new StartFailure(CONFIGURATION, oneLine(cause));
            }
        }
        String place = place(chain, context);
        String reason = reason(chain);
        return new StartFailure(CONFIGURATION, place == null ? reason : place + ": " + reason);
    }

    /** The port is named by the server that wanted it, the reason by the system. */
    private static String portTaken(List<Throwable> chain, Throwable reason) {
        for (Throwable cause : chain) {
            if (cause instanceof IOException && !(cause instanceof BindException)) {
                String said = oneLine(cause);
                String why = oneLine(reason);
                return (said.contains(why) ? said : said + ": " + why)
                        + "; stop what uses the port, or set another: serai.http.port, serai.admin.port, or the port in the route";
            }
        }
        return oneLine(reason);
    }

    private static List<Throwable> chain(Throwable failure) {
        List<Throwable> chain = new ArrayList<>();
        Throwable cause = failure;
        while (cause != null && !chain.contains(cause)) {
            chain.add(cause);
            cause = cause.getCause();
        }
        return chain;
    }

    // ---- Where

    private static @Nullable String place(List<Throwable> chain, @Nullable CamelContext context) {
        for (Throwable cause : chain) {
            // The last place of a parser's message is where it gave up; the first, where it started.
            Matcher matcher = FILE_AND_LINE.matcher(String.valueOf(cause.getMessage()));
            String place = null;
            while (matcher.find()) {
                place = matcher.group(1) + ":" + matcher.group(2);
            }
            if (place != null) {
                return place;
            }
        }
        return context == null ? null : placeInRoutes(chain, context);
    }

    private static @Nullable String placeInRoutes(List<Throwable> chain, CamelContext context) {
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        if (model == null) {
            return null;
        }
        for (Throwable cause : chain) {
            if (cause instanceof FailedToCreateRouteException failed && failed.getRouteId() != null) {
                return placeOfRoute(model, failed.getRouteId(), route -> nodeIn(route, failed));
            }
            if (cause instanceof FailedToStartRouteException failed && failed.getRouteId() != null) {
                return placeOfRoute(model, failed.getRouteId(), RouteDefinition::getInput);
            }
            Matcher template = TEMPLATE.matcher(String.valueOf(cause.getMessage()));
            if (template.find()) {
                return RouteModel.placeOfKamelet(model, template.group(1));
            }
        }
        return null;
    }

    private static @Nullable String placeOfRoute(Model model, String id, Function<RouteDefinition, NamedNode> node) {
        RouteDefinition route = model.getRouteDefinition(id);
        if (route == null) {
            return null;
        }
        return RouteModel.kameletOf(route) != null
                ? RouteModel.placeOfUser(model, route)
                : RouteModel.placeOf(node.apply(route));
    }

    /** The step that the message shows between arrows, else the route itself. */
    private static NamedNode nodeIn(RouteDefinition route, FailedToCreateRouteException failed) {
        String message = String.valueOf(failed.getMessage()).toLowerCase(Locale.ROOT);
        for (ProcessorDefinition<?> node : RouteModel.steps(route)) {
            String shown = ">>> " + node.toString().toLowerCase(Locale.ROOT);
            if (message.contains(shown)) {
                return node;
            }
        }
        return route;
    }

    // ---- Why

    private static String reason(List<Throwable> chain) {
        for (Throwable cause : chain) {
            String message = String.valueOf(cause.getMessage());
            Matcher missing = MISSING_PARAMETERS.matcher(message);
            if (missing.find()) {
                return "the Kamelet's required parameters are missing: " + missing.group(1);
            }
        }
        for (Throwable cause : chain) {
            if (cause instanceof ExpressionIllegalSyntaxException broken
                    && broken.getCause() instanceof JsonQueryException) {
                return String.valueOf(JqSyntax.fault(broken.getExpression(), JqFunctions.newScope()));
            }
        }
        for (Throwable cause : chain) {
            if (cause instanceof PropertyBindingException binding && binding.getPropertyName() != null) {
                String option = binding.getPropertyName();
                // One that is misspelt or unknown may be meant for a secret.
                String refused = isUnknown(chain)
                        ? "there is no option " + option
                        : "the option " + option + " cannot be "
                                + (SecretNames.isParameter(option)
                                        ? "what is given"
                                        : "\"" + binding.getValue() + "\"");
                Throwable root = chain.get(chain.size() - 1);
                return root instanceof IllegalArgumentException && !(root instanceof NumberFormatException)
                        ? refused + ": " + oneLine(root)
                        : refused;
            }
        }
        Throwable root = chain.get(chain.size() - 1);
        if (root instanceof NullPointerException && isOfVault(root)) { // Camel's own words for it
            return "the Vault has no secret where a {{hashicorp:ENGINE:PATH#FIELD}} looks for it: check engine, path and field";
        }
        Throwable said = root.getMessage() == null && chain.size() > 1 ? chain.get(chain.size() - 2) : root;
        String text = oneLine(said);
        Matcher kamelet = Pattern.compile("Resource not found: \\S*?([^/]+)\\.kamelet\\.yaml")
                .matcher(text);
        if (kamelet.find()) {
            return "there is no Kamelet named " + kamelet.group(1);
        }
        Matcher component = NO_COMPONENT.matcher(text);
        if (component.find()) {
            return "there is no component named " + component.group(1)
                    + ": check the name, or put its jar into components/";
        }
        return text.replaceFirst("^Failed to (?:create|start) route.*? because: ", "")
                .replaceFirst("^Resource is empty: file:(\\S+)$", "$1: is empty");
    }

    private static boolean isOfVault(Throwable failure) {
        StackTraceElement[] stack = failure.getStackTrace();
        return stack.length > 0 && stack[0].getClassName().startsWith("org.apache.camel.component.hashicorp.vault");
    }

    private static boolean isUnknown(List<Throwable> chain) {
        return chain.stream()
                .anyMatch(cause -> String.valueOf(cause.getMessage()).contains("No such property"));
    }

    private static @Nullable String withoutSecrets(@Nullable String message) {
        return message == null ? null : PROPERTY_BESIDE.matcher(message).replaceFirst("$1");
    }

    /** The message without the parsers' pictures of the source, in one line. */
    private static String oneLine(Throwable failure) {
        boolean onlyNamesClass = failure instanceof LinkageError || failure instanceof ClassNotFoundException;
        String message = onlyNamesClass ? failure.toString() : withoutSecrets(failure.getMessage());
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        StringBuilder line = new StringBuilder();
        for (String part : message.split("\\R")) {
            boolean picture = part.isBlank()
                    || part.strip().equals("^")
                    || FILE_AND_LINE.matcher(part).find();
            if (!picture && !part.startsWith("    ")) {
                line.append(line.isEmpty() ? "" : " ").append(part.strip());
            }
        }
        return SecretNames.withoutUrlSecrets(line.isEmpty() ? message.replaceAll("\\s+", " ") : line.toString());
    }
}
