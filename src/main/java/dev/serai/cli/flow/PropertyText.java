package dev.serai.cli.flow;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.node.RunOptions;
import dev.serai.node.Settings;
import dev.serai.node.route.ConfigurationException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Replaces the references to properties in texts of routes, by the values that a node with these options would use. */
final class PropertyText {
    /** A property that nobody has, through which the settings are asked for a reference. */
    private static final String ASKED = "asked.by.serai.send";

    private final RunOptions options;
    private final Map<String, String> environment;

    PropertyText(RunOptions options, Map<String, String> environment) {
        this.options = options;
        this.environment = environment;
    }

    /** Throws {@link CliException} if a property is missing. */
    String of(String text) {
        StringBuilder done = new StringBuilder();
        String rest = text;
        int end = rest.indexOf("}}");
        while (end >= 0) {
            int start = rest.lastIndexOf("{{", end);
            if (start < 0) {
                done.append(rest, 0, end + 2);
                rest = rest.substring(end + 2);
            } else {
                rest = rest.substring(0, start) + value(rest.substring(start + 2, end)) + rest.substring(end + 2);
            }
            end = rest.indexOf("}}");
        }
        return done + rest;
    }

    private String value(String reference) {
        Map<String, String> properties = new HashMap<>(options.properties());
        properties.put(ASKED, "{{" + reference + "}}");
        String value;
        try {
            value = Settings.load(
                            new RunOptions(
                                    options.routes(), options.kamelets(), options.config(), options.data(), properties),
                            environment)
                    .get(ASKED);
        } catch (ConfigurationException e) {
            throw new CliException(
                    ExitCode.USAGE, String.valueOf(e.getMessage()).replace("the property " + ASKED, "a route"));
        }
        if (!value.equals("{{" + reference + "}}")) {
            return value;
        }
        String variable = environment.get(reference.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_"));
        if (variable == null) {
            throw new CliException(
                    ExitCode.USAGE,
                    "the property " + reference + " is missing: set it in application.properties, or with -p "
                            + reference + "=VALUE as for the node");
        }
        return variable;
    }
}
