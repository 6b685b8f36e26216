package dev.serai;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Where the node on this machine is asked, as its own configuration says: the environment, then the properties file. */
record AdminSettings(String url, Path tokenFile) {
    private static final Path CONFIG_DEFAULT = Path.of("application.properties");

    /** @param config must exist when given */
    static AdminSettings read(@Nullable Path config, Map<String, String> environment) {
        Lookup lookup = new Lookup(load(config), config == null ? CONFIG_DEFAULT : config, environment);
        String host = reachable(lookup.get("serai.admin.host", "127.0.0.1"));
        String port = lookup.get("serai.admin.port", "8081");
        String data = lookup.get("serai.data", "data");
        return new AdminSettings(
                "http://" + host + ":" + port, Path.of(lookup.get("serai.admin.tokenFile", data + "/admin.token")));
    }

    private static Properties load(@Nullable Path config) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(config == null ? CONFIG_DEFAULT : config)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            if (config != null) {
                throw new CliException(Cli.USAGE, "there is no file " + config);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw new CliException(
                    Cli.USAGE, (config == null ? CONFIG_DEFAULT : config) + " cannot be read: " + e.getMessage());
        }
        return properties;
    }

    /** An address that means "all of mine" to a listener means nothing to a caller. */
    private static String reachable(String host) {
        return switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "[::1]";
            default -> host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        };
    }

    private record Lookup(Properties file, Path path, Map<String, String> environment) {
        String get(String name, String fallback) {
            String fromEnvironment = environment.get(inEnvironment(name));
            String value = fromEnvironment != null ? fromEnvironment : file.getProperty(name, fallback);
            if (value.contains("{{")) {
                throw new CliException(
                        Cli.USAGE,
                        name + " in " + path + " is " + value + ", which only the node resolves: give --url and"
                                + " --token-file");
            }
            return value.strip();
        }

        /** Camel's spelling: serai.admin.tokenFile is SERAI_ADMIN_TOKENFILE. */
        private static String inEnvironment(String name) {
            return name.replace('.', '_').toUpperCase(Locale.ROOT);
        }
    }
}
