package dev.serai.node.property;

import dev.serai.node.route.ConfigurationException;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The references in the values of settings: {@code {{name}}} and {@code {{name:default}}} to others, {@code {{env:NAME}}} to the
 * environment, {@code {{sys:name}}} to Java's properties and {@code {{file:PATH}}} to a file's content.
 */
public final class PropertyReferences {
    private static final int NESTING_MAX = 10;

    /** References that Camel resolves, as it reads routes and its own properties. */
    private static final Pattern OF_CAMEL = Pattern.compile(
            "service(\\.(name|host|port))?|bean|boolean|hashicorp|aws|gcp" + "|azure|secret|configmap|cyberark|ibm");

    private final Map<String, String> values;
    private final Map<String, String> environment;
    private final UnaryOperator<String> place;

    /**
     * References to these values.
     *
     * @param values of all settings, by name
     * @param place where a setting is set, as it stands before a message; may be empty
     */
    public PropertyReferences(
            Map<String, String> values, Map<String, String> environment, UnaryOperator<String> place) {
        this.values = values;
        this.environment = environment;
        this.place = place;
    }

    /** The environment variable of a setting. */
    public static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }

    /**
     * Replaces the references; those to unknown names are left to Camel.
     *
     * @throws ConfigurationException if the value refers to itself, or to a variable or property that is not set
     */
    public String resolve(String name, String value) {
        return resolve(name, value, 0);
    }

    /** What a function or the environment has, else the default; null to leave it to Camel. */
    private @Nullable String outside(String name, String function, String rest) {
        switch (function) {
            case "file":
                return FilePropertiesFunction.content(rest);
            case "env", "sys":
                int colon = rest.indexOf(':');
                String wanted = colon < 0 ? rest : rest.substring(0, colon);
                String found = function.equals("sys") ? System.getProperty(wanted) : environment.get(wanted);
                String given = found == null && function.equals("env") ? environment.get(variable(wanted)) : found;
                if (given == null && colon < 0) {
                    throw new ConfigurationException("the property " + name + " needs "
                            + (function.equals("env") ? "the environment variable " : "Java's property ") + wanted
                            + ", which is not set");
                }
                return given == null ? rest.substring(colon + 1) : given;
            default:
                String fromEnvironment = environment.get(function);
                return OF_CAMEL.matcher(function).matches() ? null : fromEnvironment != null ? fromEnvironment : rest;
        }
    }

    /** Replaces references to other settings; those to unknown names are left to Camel. */
    private String resolve(String name, String value, int depth) {
        int start = value.indexOf("{{");
        int end = value.indexOf("}}", start);
        if (start < 0 || end < 0) {
            return value;
        }
        if (depth > NESTING_MAX) {
            throw new ConfigurationException(place.apply(name) + "the property " + name + " refers to itself");
        }
        String reference = value.substring(start + 2, end);
        int colon = reference.indexOf(':');
        String other = colon < 0 ? reference : reference.substring(0, colon);
        String replacement = values.get(other);
        if (replacement == null && colon >= 0) {
            replacement = outside(name, other, reference.substring(colon + 1));
        }
        if (replacement == null) {
            return value;
        }
        return resolve(name, value.substring(0, start) + replacement + value.substring(end + 2), depth + 1);
    }
}
