package dev.serai.cli.flow;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The sandbox's test keys, which play the platforms that sign with a private key: nobody else has WeChat Pay's or Alipay's. A flow can be sent to
 * only if it trusts the test key of its platform.
 */
final class SandboxKey {
    private static final Path FOLDER = Path.of("sandbox/keys");
    private static final String FILE = "file:";

    /**
     * A platform with a private key.
     *
     * @param option the one with the platform's public key
     * @param settings what a flow must be given to trust the test key, by parameter
     */
    private record Platform(String name, String option, String file, Map<String, String> settings) {}

    private static final Map<String, Platform> PLATFORMS = Map.of(
            "wechatpay",
            new Platform(
                    "WeChat Pay",
                    "publicKey",
                    "wechatpay-test",
                    Map.of("publicKeyId", "PUB_KEY_ID_SANDBOX", "publicKey", publicFile("wechatpay-test"))),
            "alipay",
            new Platform(
                    "Alipay", "alipayPublicKey", "alipay-test", Map.of("alipayPublicKey", publicFile("alipay-test"))));

    private SandboxKey() {}

    private static String publicFile(String name) {
        return FILE + FOLDER + "/" + name + "-public-key.pem";
    }

    /** The options that a scheme needs to sign, in addition to those with which it verifies; none for most. */
    static Map<String, String> signing(String scheme, Map<String, String> options, PushSource source) {
        Platform platform = PLATFORMS.get(scheme);
        if (platform == null) {
            return Map.of();
        }
        String trusted = content(options.getOrDefault(platform.option, ""));
        String test = content(publicFile(platform.file));
        if (trusted == null || test == null || !trusted.contains(test)) {
            throw new CliException(ExitCode.USAGE, advice(platform, source));
        }
        return Map.of("privateKey", FILE + FOLDER + "/" + platform.file + "-private-key.pem");
    }

    /** How to make the flow trust the test key. */
    private static String advice(Platform platform, PushSource source) {
        Map<String, String> inFile = new LinkedHashMap<>();
        Map<String, String> asProperty = new LinkedHashMap<>();
        platform.settings.forEach((parameter, value) -> {
            String written = source.route().from().parameters().getOrDefault(parameter, "");
            boolean isReference = written.matches("\\{\\{[\\w.-]+}}");
            (isReference ? asProperty : inFile)
                    .put(isReference ? written.substring(2, written.length() - 2) : parameter, value);
        });
        String properties = asProperty.entrySet().stream()
                .map(entry -> " -p " + entry.getKey() + "=" + entry.getValue())
                .sorted()
                .collect(Collectors.joining());
        String parameters = inFile.entrySet().stream()
                .map(entry -> entry.getKey() + ": \"" + entry.getValue() + "\"")
                .sorted()
                .collect(Collectors.joining(", "));
        return source.at() + ": only " + platform.name
                + " has the key that its notifications are signed with. To try the flow, let it"
                + " trust the sandbox's test key, which everyone knows:"
                + (properties.isEmpty() ? "" : " start the node with" + properties + ", and send with the same")
                + (parameters.isEmpty() ? "" : (properties.isEmpty() ? "" : "; and") + " set " + parameters);
    }

    /** The key or keys in base64 alone; null if they cannot be read. */
    private static @Nullable String content(String value) {
        try {
            String text = value.startsWith(FILE) ? Files.readString(Path.of(value.substring(FILE.length()))) : value;
            return text.replaceAll("(?s)^.*?-----BEGIN", "-----BEGIN")
                    .replaceAll("-----[^-]*-----", "")
                    .replaceAll("\\s", "");
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }
}
