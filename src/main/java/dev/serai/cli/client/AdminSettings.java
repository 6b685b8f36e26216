package dev.serai.cli.client;

import dev.serai.node.NodeTrust;
import dev.serai.node.RunOptions;
import dev.serai.node.Settings;
import dev.serai.node.route.ConfigurationException;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where the node on this machine is asked, as its own configuration says.
 *
 * @param trust for its certificate; null if it has none
 */
public record AdminSettings(
        String url, Path tokenFile, @Nullable SSLContext trust) {

    /** @param options their configuration file must exist when given */
    public static AdminSettings read(RunOptions options, Map<String, String> environment) {
        try {
            Settings settings = Settings.load(options, environment);
            String host = reachable(settings.get("serai.admin.host"));
            return new AdminSettings(
                    NodeTrust.scheme(settings) + host + ":" + settings.port("serai.admin.port"),
                    Path.of(settings.get("serai.admin.tokenFile")),
                    NodeTrust.of(settings));
        } catch (ConfigurationException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    /** An address that means "all of mine" to a listener means nothing to a caller. */
    private static String reachable(String host) {
        return switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "[::1]";
            default -> host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        };
    }
}
