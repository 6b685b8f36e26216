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
            String host = FlowsAddress.reachable(settings.get("serai.admin.host"));
            return new AdminSettings(
                    NodeTrust.scheme(settings) + host + ":" + settings.port("serai.admin.port"),
                    Path.of(settings.get("serai.admin.tokenFile")),
                    NodeTrust.of(settings));
        } catch (ConfigurationException e) {
            throw new CliException(ExitCode.USAGE, String.valueOf(e.getMessage()));
        }
    }
}
