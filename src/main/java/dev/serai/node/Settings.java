package dev.serai.node;

import dev.serai.camel.http.BodyLimit;
import dev.serai.ledger.model.Retention;
import dev.serai.node.mistake.SettingPlace;
import dev.serai.node.property.PropertyReferences;
import dev.serai.node.route.ConfigurationException;
import dev.serai.store.LedgerAddress;
import dev.serai.text.BodyMask;
import dev.serai.text.DurationText;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * All settings by name. The command line beats the environment, which beats the file, which beats the defaults.
 *
 * <p>A name's environment variable is the name in upper case with underscores, for example {@code SERAI_HTTP_PORT}. Values
 * may refer to others as {@code {{name}}} or {@code {{name:default}}}, to the environment as {@code {{env:NAME}}}, to Java's
 * properties as {@code {{sys:name}}} and to a file's content as {@code {{file:PATH}}}.
 */
public final class Settings {
    /** Camel and its routes have no use for them. */
    static final String LEDGER_KEYS = "serai.ledger.encryption.keys";

    private static final String LOG_FORMAT = "serai.log.format";
    private static final String MASK = "serai.mask";

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("serai.http.host", "127.0.0.1"),
            Map.entry("serai.http.port", "8080"),
            Map.entry("serai.admin.host", "127.0.0.1"),
            Map.entry("serai.admin.port", "8081"),
            Map.entry("serai.data", "data"),
            Map.entry("serai.admin.tokenFile", "{{serai.data}}/admin.token"),
            Map.entry("serai.limits.bodyBytes", String.valueOf(BodyLimit.BYTES_MAX_DEFAULT)),
            Map.entry("serai.egress.allow", "none"),
            Map.entry(RouteFiles.SANDBOX, "on"),
            Map.entry(LOG_FORMAT, "text"),
            Map.entry(TraceSettings.TRACES, "none"),
            Map.entry(LEDGER_KEYS, "none"),
            Map.entry("serai.retention.settled", days(Retention.DEFAULT.settled())),
            Map.entry("serai.retention.dead", days(Retention.DEFAULT.dead())),
            // A pull that waits for its source holds one of these; idle ones cost next to nothing.
            Map.entry(ScheduleComponent.THREADS, "64"),
            Map.entry(LedgerPlace.NODE_HOST, "127.0.0.1"),
            Map.entry(LedgerPlace.SCHEMA, LedgerAddress.SCHEMA),
            Map.entry("camel.component.ledger.url", "jdbc:sqlite:{{serai.data}}/ledger.db"));
    /** What has no default: unset it is off. */
    static final List<String> OPTIONAL = List.of(
            TlsSettings.NAMES,
            MASK,
            LedgerPlace.USERNAME,
            LedgerPlace.PASSWORD,
            LedgerPlace.SHARDS,
            LedgerPlace.NODE_NAME,
            LedgerPlace.NODE_PORT,
            LedgerPlace.NODE_SECRET,
            "serai.http.trustedProxies",
            "serai.http.tls.certificate",
            "serai.http.tls.key",
            "serai.http.tls.keyStore",
            "serai.http.tls.keyStorePassword",
            "serai.admin.tls.certificate",
            "serai.admin.tls.key",
            "serai.admin.tls.keyStore",
            "serai.admin.tls.keyStorePassword");

    private static final Path DEFAULT_FILE = Path.of("application.properties");

    /** The name of the settings in the registry of a node's context. */
    static final String NAME = "settings";

    private final Map<String, String> values;
    private final SettingPlace places;
    private final PropertyReferences references;

    private Settings(Map<String, String> values, Map<String, String> environment, Path file) {
        this.values = values;
        this.places = new SettingPlace(file);
        this.references = new PropertyReferences(values, environment, places::before);
    }

    /** The settings of the node that the context is of; null if it is of none. */
    static @Nullable Settings of(CamelContext context) {
        return context.getRegistry().lookupByNameAndType(NAME, Settings.class);
    }

    private static String days(Duration duration) {
        return duration.toDays() + "d";
    }

    /** Throws {@link ConfigurationException} if the file cannot be read. */
    public static Settings load(RunOptions options, Map<String, String> environment) {
        Map<String, String> values = new HashMap<>(DEFAULTS);
        values.putAll(readFile(options.config()));
        Set<String> names = new HashSet<>(values.keySet());
        names.addAll(OPTIONAL);
        for (String name : names) {
            String fromEnvironment = environment.get(PropertyReferences.variable(name));
            if (fromEnvironment != null) {
                values.put(name, fromEnvironment);
            }
        }
        if (options.data() != null) {
            values.put("serai.data", options.data().toString());
        }
        values.putAll(options.properties());
        return new Settings(values, environment, options.config() != null ? options.config() : DEFAULT_FILE);
    }

    private static Map<String, String> readFile(@Nullable Path given) {
        Map<String, String> values = new LinkedHashMap<>();
        Path file = given != null ? given : DEFAULT_FILE;
        if (!Files.exists(file)) {
            if (given != null) {
                throw new ConfigurationException(given + " does not exist, but --config names it");
            }
            return values;
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigurationException(file + ": cannot be read as properties: " + e.getMessage(), e);
        }
        properties.forEach(
                (name, value) -> values.put(name.toString(), value.toString().strip()));
        return values;
    }

    /** The names of all that is set or has a default. */
    Set<String> names() {
        return values.keySet();
    }

    /** Throws {@link ConfigurationException} with one line for each name that begins as Serai's own do and is none of them. */
    void refuseUnknown() {
        Set<String> known = new HashSet<>(DEFAULTS.keySet());
        known.addAll(OPTIONAL);
        places.refuseUnknown(values.keySet(), known);
    }

    /** Where the file sets the first option of this last name; null if it does not. */
    @Nullable String placeOfOption(String last) {
        return places.ofOption(values.keySet(), last);
    }

    /** The first line of the file with the text; null if it has none. */
    @Nullable String placeOfValue(String text) {
        return places.ofText(text);
    }

    public String get(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new ConfigurationException("the property " + name + " is missing");
        }
        String resolved = references.resolve(name, value);
        if (name.startsWith("serai.") && resolved.contains("{{")) {
            String reference = resolved.replaceAll("(?s)^.*?\\{\\{([^:}]*).*$", "$1");
            throw new ConfigurationException(
                    "the property " + name + " refers to \"" + reference
                            + "\", which is not known when Serai reads it: it may refer to other properties, env:, sys: and file:");
        }
        return resolved;
    }

    /** The value, or null if there is none. */
    @Nullable String optional(String name) {
        String value = values.containsKey(name) ? get(name) : "";
        return value.isEmpty() ? null : value;
    }

    public int port(String name) {
        return (int) number(name, 0, 65_535, "a port, 0 to 65535");
    }

    long bytes(String name) {
        return number(name, 1, Long.MAX_VALUE, "a number of bytes above 0");
    }

    long number(String name, long min, long max, String what) {
        String value = get(name);
        try {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw wrong(name, what);
    }

    /** Whether the log is written as JSON; throws {@link ConfigurationException} if the format is neither that nor text. */
    public boolean isLogJson() {
        return oneOf(LOG_FORMAT, "text", "json").equals("json");
    }

    /** Which fields of bodies are hidden wherever people look; throws {@link ConfigurationException} if a path cannot be read. */
    public BodyMask mask() {
        try {
            return BodyMask.of(optional(MASK));
        } catch (IllegalArgumentException e) {
            String place = placeOfValue(MASK);
            throw new ConfigurationException((place == null ? "" : place + ": ") + MASK + ": " + e.getMessage(), e);
        }
    }

    String oneOf(String name, String one, String other) {
        String value = get(name);
        if (value.equals(one) || value.equals(other)) {
            return value;
        }
        throw wrong(name, one + " or " + other);
    }

    private ConfigurationException wrong(String name, String right) {
        return new ConfigurationException(
                places.before(name) + name + " must be " + right + ", not \"" + values.get(name) + "\"");
    }

    Duration duration(String name) {
        String value = get(name);
        try {
            long millis = DurationText.millis(value);
            if (millis < 0) {
                throw new IllegalArgumentException("out of range");
            }
            return Duration.ofMillis(millis);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(
                    places.before(name) + name + " must be a duration such as 30s, 5m or 7d, not \"" + values.get(name)
                            + "\"",
                    e);
        }
    }

    /** Everything, as Camel's properties that beat all others. */
    Properties asProperties() {
        Properties properties = new Properties();
        values.forEach((name, value) -> properties.setProperty(name, resolveOrKeep(name, value)));
        List.of(ScheduleComponent.THREADS, LEDGER_KEYS).forEach(properties::remove); // so that no route can use them
        LedgerPlace.SECRET.forEach(properties::remove);
        return properties;
    }

    private String resolveOrKeep(String name, String value) {
        return name.startsWith("serai.") || name.startsWith("camel.") ? references.resolve(name, value) : value;
    }
}
