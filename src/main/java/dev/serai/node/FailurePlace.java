package dev.serai.node;

import dev.serai.node.mistake.LoadedFiles;
import dev.serai.node.mistake.TextPlace;
import dev.serai.node.route.RouteModel;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.apache.camel.NamedNode;
import org.apache.camel.PropertyBindingException;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/** Finds the file and the line of what kept the program from starting. */
final class FailurePlace {
    private static final Pattern FILE_AND_LINE = Pattern.compile("in file:(\\S+?), line (\\d+)");
    private static final Pattern TEMPLATE = Pattern.compile("(?:from template: |Kamelet with id )(\\S+)");

    private FailurePlace() {}

    /** Whether the text is a parser's place in a file, which is shown apart from the reason. */
    static boolean isIn(String text) {
        return FILE_AND_LINE.matcher(text).find();
    }

    /** Null if it is not known. */
    static @Nullable String of(List<Throwable> chain, @Nullable CamelContext context) {
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
        if (context == null) {
            return null;
        }
        String place = placeInRoutes(chain, context);
        return place == null ? placeInFiles(chain, context) : place;
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

    /** The line that sets the option that was refused, or names the class that is missing. */
    private static @Nullable String placeInFiles(List<Throwable> chain, CamelContext context) {
        Settings settings = Settings.of(context);
        if (settings == null) {
            return null;
        }
        for (Throwable cause : chain) {
            if (cause instanceof PropertyBindingException binding && binding.getPropertyName() != null) {
                return settings.placeOfOption(binding.getPropertyName());
            }
            if (cause instanceof ClassNotFoundException) {
                String name = String.valueOf(cause.getMessage());
                String place = settings.placeOfValue(name);
                return place == null ? TextPlace.in(LoadedFiles.of(context), name) : place;
            }
        }
        return null;
    }
}
