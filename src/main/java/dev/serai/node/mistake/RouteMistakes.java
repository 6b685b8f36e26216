package dev.serai.node.mistake;

import dev.serai.node.route.ConfigurationException;
import dev.serai.node.route.RouteModel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.EndpointUriFactory;

/** Looks at routes after they are read and before any of them starts, and tells all mistakes of all files at once. */
public final class RouteMistakes {
    private RouteMistakes() {}

    /**
     * Throws {@link ConfigurationException} with one line for each mistake.
     *
     * @param settings the names of all properties that are set
     */
    public static void refuse(CamelContext context, Collection<String> settings) {
        List<Mistake> mistakes = new ArrayList<>();
        for (RouteDefinition route : RouteModel.model(context).getRouteDefinitions()) {
            if (route.getInput() == null) {
                mistakes.add(new Mistake(
                        RouteModel.placeOf(route), "the route has no from, which says where its messages come from"));
            }
        }
        KameletFolders kamelets = new KameletFolders(context);
        List<EndpointUse> uses = EndpointUse.all(context);
        mistakes.addAll(EndpointMistakes.find(context, kamelets, uses));
        mistakes.addAll(SharedUse.find(context, kamelets, uses));
        if (!mistakes.isEmpty()) {
            mistakes.addAll(MissingProperties.find(context, settings));
            throw new ConfigurationException(lines(mistakes));
        }
    }

    /**
     * Throws {@link ConfigurationException} with one line for each duration that Camel would take for zero. It is looked at in
     * every start, since nothing else would tell.
     */
    public static void refuseDurations(CamelContext context) {
        List<Mistake> mistakes = new ArrayList<>();
        for (EndpointUse use : EndpointUse.all(context)) {
            mistakes.addAll(TimeMistakes.find(context, use, false));
        }
        if (!mistakes.isEmpty()) {
            throw new ConfigurationException(lines(mistakes));
        }
    }

    /**
     * Refuses sources on a path, and targets of a name, that others have which run already.
     *
     * @param context with the routes to look at
     * @param isReplaced whether a running route, named by its id, goes when they come
     */
    public static void refuseShared(CamelContext context, CamelContext running, Predicate<String> isReplaced) {
        List<EndpointUse> uses = new ArrayList<>(EndpointUse.all(running, isReplaced.negate()));
        uses.addAll(EndpointUse.all(context));
        List<Mistake> shared = SharedUse.find(context, new KameletFolders(context), uses);
        if (!shared.isEmpty()) {
            throw new ConfigurationException(lines(shared));
        }
    }

    private static String lines(List<Mistake> mistakes) {
        return mistakes.stream()
                .map(Mistake::line)
                .distinct()
                .sorted(PlaceOrder.BY_PLACE)
                .collect(Collectors.joining("\n"));
    }

    /** One line for each property that the loaded files refer to and nothing sets; empty if none is missing. */
    public static List<String> missingProperties(CamelContext context, Collection<String> settings) {
        return MissingProperties.find(context, settings).stream()
                .map(Mistake::line)
                .toList();
    }

    /** One line for each route whose id another one has before it. */
    public static String sharedIds(CamelContext context, List<String> ids) {
        return SharedUse.ofIds(LoadedFiles.of(context), ids).stream()
                .map(Mistake::line)
                .collect(Collectors.joining("\n"));
    }

    /** What to say of a property that is missing. */
    public static String missingProperty(String name, Collection<String> settings) {
        return MissingProperties.reason(name, settings);
    }

    /** What to say of a component that is missing. */
    public static String noComponent(CamelContext context, String scheme) {
        return EndpointMistakes.noComponent(context, scheme);
    }

    /** One line for each of the parameters that the component does not have. */
    public static String unknownParameters(CamelContext context, String scheme, Collection<String> given) {
        EndpointUriFactory names = context.getCamelContextExtension().getEndpointUriFactory(scheme);
        Set<String> known = names == null ? Set.of() : names.propertyNames();
        return given.stream()
                .filter(name -> !known.contains(name))
                .map(name -> EndpointMistakes.unknown(scheme, name, known))
                .collect(Collectors.joining("\n"));
    }
}
