package dev.serai.node.mistake;

import dev.serai.camel.expression.JqText;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.text.JqFunctions;
import dev.serai.text.JqSyntax;
import dev.serai.text.NearestName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.component.kamelet.KameletEndpointUriFactory;
import org.apache.camel.spi.EndpointUriFactory;
import org.apache.camel.spi.PropertyConfigurer;
import org.apache.camel.spi.PropertyConfigurerGetter;
import org.apache.camel.support.PluginHelper;
import org.jspecify.annotations.Nullable;

/** Looks at the names and parameters of endpoints: of Kamelets by their files, of Serai's own by what they take. */
final class EndpointMistakes {
    private static final Set<String> OWN = Set.of("ledger", "ingress", "feed", "signature");
    private static final String KAMELET = "kamelet";
    /** Camel's own, which {@link dev.serai.node.SeraiKamelets} passes on as the Kamelet's. */
    private static final String TIMEOUT = "timeout";

    private static final Set<String> OF_ANY_KAMELET = new KameletEndpointUriFactory().propertyNames();
    private static final String DATA_SOURCE = "dataSource";
    private static final String SCHEME = "scheme";

    private final CamelContext context;
    private final KameletFolders kamelets;
    private final List<Mistake> found = new ArrayList<>();

    private EndpointMistakes(CamelContext context, KameletFolders kamelets) {
        this.context = context;
        this.kamelets = kamelets;
    }

    static List<Mistake> find(CamelContext context, KameletFolders kamelets, List<EndpointUse> uses) {
        EndpointMistakes mistakes = new EndpointMistakes(context, kamelets);
        uses.forEach(mistakes::look);
        return mistakes.found;
    }

    private void look(EndpointUse use) {
        String scheme = use.scheme();
        if (scheme.isEmpty() || scheme.contains("{{")) {
            lookAtBareName(use);
        } else if (!ComponentNames.has(context, scheme)) {
            found.add(new Mistake(use.place(), noComponent(context, scheme)));
        } else if (scheme.equals(KAMELET)) {
            lookAtKamelet(use);
        } else if (OWN.contains(scheme)) {
            lookAtOwn(use);
        } else {
            TimeMistakes.find(context, use, true).forEach(found::add);
        }
    }

    private void lookAtBareName(EndpointUse use) {
        if (use.scheme().isEmpty() && !use.path().startsWith("#")) {
            found.add(new Mistake(
                    use.place(),
                    "the uri " + use.path() + " names no component: it must begin with one and a colon, as in ledger:"
                            + use.path()));
        }
    }

    static String noComponent(CamelContext context, String scheme) {
        Set<String> known = ComponentNames.all(context);
        String near = NearestName.hint(scheme, known);
        return "there is no component named " + scheme + near + ": check the name, or put its jar into components/"
                + (near.isEmpty() ? "; there are " + String.join(", ", known) : "");
    }

    // ---- Kamelets

    private void lookAtKamelet(EndpointUse use) {
        String name = use.name();
        if (name.contains("{{") || name.contains("${") || use.parameters().containsKey("location")) {
            return;
        }
        if (!kamelets.has(name)) {
            Set<String> names = kamelets.names();
            found.add(new Mistake(
                    use.place(),
                    "there is no Kamelet named " + name + NearestName.hint(name, names) + ": there are "
                            + String.join(", ", names)));
            return;
        }
        kamelets.definition(name).ifPresent(definition -> lookAtParameters(use, name, definition));
    }

    private void lookAtParameters(EndpointUse use, String name, KameletDefinition definition) {
        Set<String> missing = new TreeSet<>(definition.required());
        missing.removeAll(use.parameters().keySet());
        Set<String> known = new TreeSet<>(definition.parameters().keySet());
        for (Map.Entry<String, String> given : use.parameters().entrySet()) {
            String parameter = given.getKey();
            KameletDefinition.Parameter about = definition.parameters().get(parameter);
            if (about != null) {
                lookAtValue(use, parameter, about, given.getValue());
            } else if (parameter.equals(TIMEOUT) || !OF_ANY_KAMELET.contains(parameter)) {
                Set<String> free = new TreeSet<>(known);
                free.removeAll(use.parameters().keySet());
                found.add(new Mistake(
                        use.placeOf(parameter),
                        "the Kamelet " + name + " has no parameter " + parameter + NearestName.hint(parameter, free)
                                + ": it takes " + (known.isEmpty() ? "none" : String.join(", ", known))));
                // The same mistake would be told twice.
                NearestName.of(parameter, missing).ifPresent(missing::remove);
            }
        }
        if (!missing.isEmpty()) {
            found.add(new Mistake(
                    use.place(),
                    "the Kamelet " + name + " needs "
                            + (missing.size() == 1 ? "the parameter " : "the parameters ")
                            + String.join(" and ", missing)));
        }
    }

    private void lookAtValue(EndpointUse use, String parameter, KameletDefinition.Parameter about, String written) {
        String value = EndpointUse.resolved(context, written);
        if (value == null || value.startsWith("#bean:")) {
            return;
        }
        if (parameter.equals(DATA_SOURCE)) {
            lookAtDataSource(use, value);
        }
        String fault = parameter.equals(SCHEME) && about.allowed().isEmpty()
                ? schemeFault(value)
                : ValueRule.fault(about, value);
        if (fault != null) {
            found.add(new Mistake(use.placeOf(parameter), parameter + " " + fault));
        }
    }

    /** Users may bring schemes of their own, so a Kamelet's file cannot list them. */
    private static @Nullable String schemeFault(String value) {
        try {
            SignatureSchemeRegistry.factory(value);
            return null;
        } catch (IllegalArgumentException e) {
            return "cannot be " + ValueRule.shown(value) + ": " + e.getMessage();
        }
    }

    private void lookAtDataSource(EndpointUse use, String value) {
        String name = value.strip().replaceFirst("^#(bean:)?", "");
        if (name.isEmpty() || context.getRegistry().lookupByName(name) != null) {
            return;
        }
        // By name, since only the store and the connectors for databases know SQL's classes.
        Class<?> type = Objects.requireNonNull(context.getClassResolver().resolveClass("javax.sql.DataSource"));
        Set<String> names =
                new TreeSet<>(context.getRegistry().findByTypeWithName(type).keySet());
        found.add(new Mistake(
                use.placeOf(DATA_SOURCE),
                "there is no data source named " + name + NearestName.hint(name, names) + ": "
                        + (names.isEmpty()
                                ? "define it with camel.beans." + name
                                        + "=#class:com.zaxxer.hikari.HikariDataSource and" + " camel.beans." + name
                                        + ".jdbcUrl=jdbc:…"
                                : "known are " + String.join(", ", names))));
    }

    // ---- Serai's own components

    private void lookAtOwn(EndpointUse use) {
        EndpointUriFactory names = context.getCamelContextExtension().getEndpointUriFactory(use.scheme());
        if (names == null) {
            return;
        }
        Map<String, Class<?>> types = types(use.scheme(), names.propertyNames());
        for (Map.Entry<String, String> given : use.parameters().entrySet()) {
            String parameter = given.getKey();
            Class<?> type = types.get(parameter);
            if (!names.propertyNames().contains(parameter)) {
                found.add(new Mistake(use.placeOf(parameter), unknown(use.scheme(), parameter, names.propertyNames())));
            } else if (!names.secretPropertyNames().contains(parameter)) {
                String fault = type == null ? null : ownFault(type, given.getValue());
                if (fault != null) {
                    found.add(new Mistake(use.placeOf(parameter), parameter + " " + fault));
                }
            }
        }
    }

    static String unknown(String scheme, String parameter, Set<String> known) {
        return scheme + ": has no parameter " + parameter + NearestName.hint(parameter, known) + ": it takes "
                + String.join(", ", new TreeSet<>(known));
    }

    private Map<String, Class<?>> types(String scheme, Set<String> names) {
        PropertyConfigurer configurer = PluginHelper.getConfigurerResolver(context)
                .resolvePropertyConfigurer(scheme + "-endpoint-configurer", context);
        Map<String, Class<?>> types = new TreeMap<>();
        if (configurer instanceof PropertyConfigurerGetter getter) {
            for (String name : names) {
                Class<?> type = getter.getOptionType(name, true);
                if (type != null) {
                    types.put(name, type);
                }
            }
        }
        return types;
    }

    private @Nullable String ownFault(Class<?> type, String written) {
        if (type == String.class) {
            return jqFault(written);
        }
        String value = EndpointUse.resolved(context, written);
        if (value == null || value.startsWith("#")) {
            return null;
        }
        if (type.isEnum()) {
            return enumFault(type, value);
        }
        if (type == boolean.class) {
            return ValueRule.oneOf(List.of("true", "false"), value.toLowerCase(Locale.ROOT));
        }
        if (type == int.class) {
            return ValueRule.whole(value);
        }
        if (type == double.class) {
            return ValueRule.number(value);
        }
        return type == long.class ? ValueRule.camelDuration(value) : null;
    }

    private static @Nullable String enumFault(Class<?> type, String value) {
        List<String> allowed = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                .toList();
        return ValueRule.oneOf(allowed, value.toLowerCase(Locale.ROOT));
    }

    private static @Nullable String jqFault(String text) {
        if (!text.contains("jq(")) {
            return null;
        }
        try {
            for (JqText.Part part : JqText.split(text)) {
                String fault = part.isJq() ? JqSyntax.fault(part.text(), JqFunctions.newScope()) : null;
                if (fault != null) {
                    return "cannot be read: " + fault;
                }
            }
        } catch (IllegalArgumentException e) {
            return "cannot be read: " + e.getMessage();
        }
        return null;
    }
}
