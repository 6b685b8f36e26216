package dev.serai.node.mistake;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.CamelContext;
import org.apache.camel.CatalogCamelContext;
import org.apache.camel.spi.PropertyConfigurer;
import org.apache.camel.spi.PropertyConfigurerGetter;
import org.apache.camel.support.PluginHelper;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the durations, numbers and schedules of any component's endpoints. Camel reads durations for any number, takes a unit
 * that it does not know, such as that of {@code 5M}, for zero, and refuses the rest without saying what would be right.
 */
final class TimeMistakes {
    private static final Set<String> CRONS = Set.of("cron", "scheduler.cron");
    private static final Set<Class<?>> NUMBERS =
            Set.of(long.class, Long.class, int.class, Integer.class, Duration.class);
    private static final JsonMapper JSON = new JsonMapper();

    private TimeMistakes() {}

    /** @param schedules whether cron expressions are looked at, too */
    static List<Mistake> find(CamelContext context, EndpointUse use, boolean schedules) {
        List<Mistake> found = new ArrayList<>();
        Map<String, String> suspects = new TreeMap<>();
        for (Map.Entry<String, String> given : use.parameters().entrySet()) {
            String value = EndpointUse.resolved(context, given.getValue());
            if (value == null || value.isEmpty() || value.startsWith("#")) {
                continue;
            }
            if (schedules && CRONS.contains(given.getKey()) && isQuartz(use)) {
                add(found, use, given.getKey(), CronText.fault(value.contains(" ") ? value : value.replace('+', ' ')));
            } else if (ValueRule.camelDuration(value) != null) {
                suspects.put(given.getKey(), value);
            }
        }
        if (!suspects.isEmpty() && types(context, use.scheme()) instanceof PropertyConfigurerGetter types) {
            suspects.forEach((name, value) -> {
                Class<?> type = types.getOptionType(name, true);
                if (type != null && NUMBERS.contains(type)) {
                    boolean isDuration = type == Duration.class || isDuration(context, use.scheme(), name);
                    String fault = isDuration ? ValueRule.camelDuration(value) : ValueRule.camelNumber(value);
                    add(found, use, name, fault);
                }
            });
        }
        return found;
    }

    private static void add(List<Mistake> found, EndpointUse use, String parameter, @Nullable String fault) {
        if (fault != null) {
            found.add(new Mistake(use.placeOf(parameter), parameter + " " + fault));
        }
    }

    private static boolean isQuartz(EndpointUse use) {
        return use.scheme().equals("quartz") || "quartz".equals(use.parameters().get("scheduler"));
    }

    private static @Nullable PropertyConfigurer types(CamelContext context, String scheme) {
        return PluginHelper.getConfigurerResolver(context)
                .resolvePropertyConfigurer(scheme + "-endpoint-configurer", context);
    }

    /** Asked for few, since Camel keeps this in a file for each component. */
    private static boolean isDuration(CamelContext context, String scheme, String option) {
        try {
            String about = context instanceof CatalogCamelContext catalog
                    ? catalog.getComponentParameterJsonSchema(scheme)
                    : null;
            return about != null
                    && JSON.readTree(about)
                            .path("properties")
                            .path(option)
                            .path("type")
                            .asText()
                            .equals("duration");
        } catch (IOException e) {
            return false;
        }
    }
}
