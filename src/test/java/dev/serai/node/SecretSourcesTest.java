package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.node.route.ConfigurationException;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where secrets can come from: the environment, files, and a Vault that is asked over HTTP. */
class SecretSourcesTest {
    private static final String ROUTE = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /hooks/orders, scheme: hmac, secret: "{{orders.secret}}" }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.key)}" } }
            """;

    @TempDir
    Path folder;

    private Settings settings(Map<String, String> properties, Map<String, String> environment) throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.properties"), "");
        return Settings.load(new RunOptions(List.of(), List.of(), empty, null, properties), environment);
    }

    /** What a route gets for {@code {{orders.secret}}}. */
    private String loaded(Map<String, String> properties) throws Exception {
        Path routes = Files.writeString(folder.resolve("orders.camel.yaml"), ROUTE);
        RunOptions options = new RunOptions(
                List.of(routes.toString()),
                List.of(Path.of("kamelets")),
                Files.writeString(folder.resolve("empty.properties"), ""),
                folder.resolve("data"),
                properties);
        try (Rehearsal rehearsal = new Rehearsal(options, true)) {
            rehearsal.load(List.of(routes));
            assertThat(rehearsal.context().getEndpoints().toString()).doesNotContain("c4n4ry");
            return rehearsal.context().resolvePropertyPlaceholders("{{orders.secret}}");
        }
    }

    // ---- Environment and files

    @Test
    void ownSettingsReadTheEnvironmentFilesAndDefaults() throws IOException {
        Path file = Files.writeString(folder.resolve("port"), "8090\n");
        Settings settings = settings(
                Map.of(
                        "serai.http.host", "{{env:HOST}}",
                        "serai.http.port", "{{file:" + file + "}}",
                        "serai.admin.host", "{{env:MISSING:127.0.0.9}}",
                        "serai.admin.port", "{{env:admin.port}}",
                        "camel.beans.db.password", "pre-{{env:HOST}}"),
                Map.of("HOST", "127.0.0.5", "ADMIN_PORT", "8091"));

        assertThat(settings.get("serai.http.host")).isEqualTo("127.0.0.5");
        assertThat(settings.port("serai.http.port")).isEqualTo(8090);
        assertThat(settings.get("serai.admin.host")).isEqualTo("127.0.0.9");
        assertThat(settings.port("serai.admin.port")).isEqualTo(8091);
        assertThat(settings.asProperties()).containsEntry("camel.beans.db.password", "pre-127.0.0.5");
    }

    @Test
    void whatIsMissingIsNamed() throws IOException {
        Settings settings = settings(
                Map.of(
                        "serai.http.host", "{{env:MISSING_ONE}}",
                        "serai.http.port", "{{file:/does/not/exist}}",
                        "serai.admin.host", "{{hashicorp:secret:a#b}}"),
                Map.of());

        assertThatThrownBy(() -> settings.get("serai.http.host"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("serai.http.host", "MISSING_ONE");
        assertThatThrownBy(() -> settings.get("serai.http.port")).hasMessageContaining("/does/not/exist");
        assertThatThrownBy(() -> settings.get("serai.admin.host"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("serai.admin.host", "hashicorp");
    }

    @Test
    void aRoutesSecretMayStandInAFile() throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), "c4n4ry+%&\n");

        assertThat(loaded(Map.of("orders.secret", "{{file:" + file + "}}"))).isEqualTo("c4n4ry+%&");
    }

    @Test
    void aRoutesSecretMayStandInTheEnvironment() throws Exception {
        String path = System.getenv("PATH");

        assertThat(loaded(Map.of("orders.secret", "{{env:PATH}}"))).isEqualTo(path);
    }

    @Test
    void aFileThatIsMissingIsNamed() {
        assertThatThrownBy(() -> loaded(Map.of("orders.secret", "{{file:/does/not/exist}}")))
                .rootCause()
                .hasMessageContaining("/does/not/exist");
    }

    // ---- Vault

    private static Map<String, String> vault(RemoteSide vault) {
        Map<String, String> properties = new HashMap<>();
        properties.put("camel.vault.hashicorp.scheme", "http");
        properties.put("camel.vault.hashicorp.host", "127.0.0.1");
        properties.put("camel.vault.hashicorp.port", vault.url("").replaceFirst(".*:", ""));
        properties.put("camel.vault.hashicorp.token", "vault-token");
        return properties;
    }

    @Test
    void aRoutesSecretMayStandInAVault() throws Exception {
        try (RemoteSide vault = new RemoteSide(asked -> asked.path().equals("/v1/secret/data/shop/orders")
                        && "vault-token".equals(asked.headers().get("x-vault-token"))
                ? Answer.json("{\"data\":{\"data\":{\"secret\":\"c4n4ry\"},\"metadata\":{\"version\":1}}}")
                : new Answer(404, Map.of("Content-Type", "application/json"), "{\"errors\":[]}"))) {
            Map<String, String> properties = vault(vault);
            properties.put("orders.secret", "{{hashicorp:secret:shop/orders#secret}}");

            assertThat(loaded(properties)).isEqualTo("c4n4ry");
        }
    }

    @Test
    void aSecretThatTheVaultDoesNotHaveRefusesTheStart() {
        try (RemoteSide vault = new RemoteSide(
                asked -> new Answer(404, Map.of("Content-Type", "application/json"), "{\"errors\":[]}"))) {
            Map<String, String> properties = vault(vault);
            properties.put("orders.secret", "{{hashicorp:secret:shop/orders#secret}}");

            assertThatThrownBy(() -> loaded(properties))
                    .satisfies(e -> assertThat(StartFailure.of(e, null).message())
                            .contains("the Vault has no secret", "path and field"));
        }
    }
}
