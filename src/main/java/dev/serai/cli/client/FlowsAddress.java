package dev.serai.cli.client;

import dev.serai.node.NodeTrust;
import dev.serai.node.RunOptions;
import dev.serai.node.Settings;
import dev.serai.node.route.ConfigurationException;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Where the node on this machine receives, as its own configuration says.
 *
 * @param url without a slash at its end
 * @param trust for its certificate; null if it has none
 */
public record FlowsAddress(String url, @Nullable SSLContext trust) {

    /**
     * Reads the settings of a node.
     *
     * @param options their configuration file must exist when given
     * @param given used instead of host and port; null if there is none
     */
    public static FlowsAddress read(RunOptions options, Map<String, String> environment, @Nullable String given) {
        try {
            Settings settings = Settings.load(options, environment);
            int port = settings.port("serai.http.port");
            if (given == null && port == 0) {
                throw new CliException(
                        ExitCode.USAGE,
                        "serai.http.port is 0, so only the node knows its port: give --url as its ready line says it");
            }
            String url = given != null
                    ? given
                    : NodeTrust.flowsScheme(settings) + reachable(settings.get("serai.http.host")) + ":" + port;
            return new FlowsAddress(url.replaceFirst("/+$", ""), NodeTrust.ofFlows(settings));
        } catch (ConfigurationException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }

    /** An address that means "all of mine" to a listener means nothing to a caller. */
    public static String reachable(String host) {
        return switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::", "[::]" -> "[::1]";
            default -> host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        };
    }
}
