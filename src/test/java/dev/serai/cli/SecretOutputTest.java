package dev.serai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.node.RunOptions;
import dev.serai.support.CapturedLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A configuration that is wrong is refused, and the message never holds a secret that is in it or beside the fault. */
class SecretOutputTest {
    private static final String CANARY = "c4n4ry-S3cr3t";
    private static final String PEM = "-----BEGIN PUBLIC KEY-----\\n" + CANARY + "\\n-----END PUBLIC KEY-----";

    @TempDir
    private Path folder;

    /** A wrong configuration: the whole text of a route file, and properties. */
    record Wrong(String name, String suffix, String routes, Map<String, String> properties) {
        Wrong with(String property, String value) {
            return new Wrong(name, suffix, routes, Map.of(property, value));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Wrong source(String name, String kamelet, String... parameters) {
        String flow = """
                - route:
                    id: in
                    from:
                      uri: "kamelet:%s"
                      parameters:
                %s
                      steps:
                        - to: { uri: "ledger:orders", parameters: { key: "${header.k}" } }
                """.formatted(kamelet, indented(parameters));
        return new Wrong(name, "yaml", flow, Map.of());
    }

    private static Wrong sink(String name, String uri, String... parameters) {
        String flow = """
                - route:
                    id: out
                    from:
                      uri: "ledger:orders"
                      parameters: { target: shop }
                      steps:
                        - to:
                            uri: "%s"
                            parameters:
                %s
                """.formatted(uri, indented(parameters));
        return new Wrong(name, "yaml", flow, Map.of());
    }

    private static String indented(String... parameters) {
        return String.join("\n", parameters).indent(16).stripTrailing();
    }

    private static Wrong text(String name, String suffix, String routes) {
        return new Wrong(name, suffix, routes, Map.of());
    }

    private static Wrong property(String property, String value) {
        return source("the property " + property, "webhook-source", "path: /x", "scheme: none")
                .with(property, value);
    }

    static Stream<Wrong> wrong() {
        String secret = "secret: \"" + CANARY + "\"";
        return Stream.of(
                // Senders' signatures
                source("an unknown scheme", "webhook-source", "path: /x", "scheme: hmak", secret),
                source(
                        "a missing property beside",
                        "webhook-source",
                        "path: /x",
                        "secret: \"" + CANARY + " {{nope}}\""),
                source("a missing property before", "webhook-source", "path: \"/x{{nope}}\"", "scheme: hmac", secret),
                source(
                        "bad base64",
                        "webhook-source",
                        "path: /x",
                        "scheme: standard-webhooks",
                        "secret: \"whsec_" + CANARY + "!\""),
                source(
                        "a misspelt parameter",
                        "webhook-source",
                        "path: /x",
                        "scheme: hmac",
                        "secrett: \"" + CANARY + "\""),
                source("no path", "webhook-source", "scheme: hmac", secret),
                source(
                        "a tolerance that is no time",
                        "webhook-source",
                        "path: /x",
                        "scheme: stripe",
                        secret,
                        "tolerance: soon"),
                source(
                        "a key that nobody reads",
                        "webhook-source",
                        "path: /x",
                        "scheme: github",
                        "verificationToken: \"" + CANARY + "\""),
                source("a secret in the uri", "webhook-source?path=/x&scheme=hmak&secret=" + CANARY, "headers: a"),
                source(
                        "an apiV3Key of another length",
                        "wechatpay-source",
                        "path: /x",
                        "apiV3Key: \"" + CANARY + "\"",
                        "publicKeyId: PUB_KEY_ID_1",
                        "publicKey: \"" + PEM + "\""),
                source(
                        "a public key that is none",
                        "wechatpay-source",
                        "path: /x",
                        "apiV3Key: \"" + "x".repeat(32) + "\"",
                        "publicKeyId: PUB_KEY_ID_1",
                        "publicKey: \"" + PEM + "\""),
                source(
                        "a certificate that is none",
                        "wechatpay-source",
                        "path: /x",
                        "apiV3Key: \"" + "x".repeat(32) + "\"",
                        "certificates: \"" + CANARY + "\""),
                source(
                        "a key of Alipay that is none",
                        "alipay-source",
                        "path: /x",
                        "appId: a",
                        "alipayPublicKey: \"" + CANARY + "\""),
                source(
                        "an AES key of another length",
                        "wechat-message-source",
                        "path: /x",
                        "token: t",
                        "appId: a",
                        "encodingAesKey: \"" + CANARY + "\""),
                source(
                        "a mode beside a token",
                        "wechat-message-source",
                        "path: /x",
                        "token: \"" + CANARY + "\"",
                        "mode: saef"),
                source(
                        "a private key that is none",
                        "wechatpay-bill-source",
                        "mchid: 1",
                        "serialNumber: a",
                        "privateKey: \"" + CANARY + "\"",
                        "publicKeyId: PUB_KEY_ID_1",
                        "publicKey: \"" + PEM + "\""),
                // Pulls
                source(
                        "a password in an address",
                        "http-pull-source",
                        "url: \"https://user:" + CANARY + "@a.example/\"",
                        "records: .x"),
                source(
                        "a token in an address that is none",
                        "http-pull-source",
                        "url: \"ftp://a.example/?access_token=" + CANARY + "\"",
                        "records: .x"),
                source(
                        "a token in an address with a space",
                        "http-pull-source",
                        "url: \"https://a b.example/?token=" + CANARY + "\"",
                        "records: .x"),
                source(
                        "two ways to authenticate",
                        "http-pull-source",
                        "url: \"https://a.example/\"",
                        "records: .x",
                        "username: u",
                        "password: \"" + CANARY + "\"",
                        "bearerToken: \"" + CANARY + "\""),
                source(
                        "a password without a name",
                        "http-pull-source",
                        "url: \"https://a.example/\"",
                        "records: .x",
                        "password: \"" + CANARY + "\""),
                source(
                        "a query that is none",
                        "http-pull-source",
                        "url: \"https://a.example/\"",
                        "records: .x",
                        "query: \"" + CANARY + "\""),
                source(
                        "headers that are none",
                        "http-pull-source",
                        "url: \"https://a.example/\"",
                        "records: .x",
                        "headers: \"Authorization: Bearer " + CANARY + ", " + CANARY + "\""),
                source(
                        "a method beside a token",
                        "http-pull-source",
                        "url: \"https://a.example/\"",
                        "records: .x",
                        "method: FETCH",
                        "bearerToken: \"" + CANARY + "\""),
                source(
                        "a body that is not sent",
                        "http-pull-source",
                        "url: \"https://a.example/\"",
                        "records: .x",
                        "body: '{\"password\":\"" + CANARY + "\"}'"),
                source(
                        "jq beside a token",
                        "http-pull-source",
                        "url: \"https://a.example/\"",
                        "records: \".x[\"",
                        "bearerToken: \"" + CANARY + "\""),
                source(
                                "a data source that is missing",
                                "sql-pull-source",
                                "dataSource: nope",
                                "table: t",
                                "cursorColumn: c")
                        .with("camel.beans.db.password", CANARY),
                source(
                        "a port beside a password",
                        "tcp-source",
                        "port: 0",
                        "framing: lines",
                        "keyPassword: \"" + CANARY + "\""),
                source(
                        "a key store that is missing",
                        "tcp-source",
                        "port: 0",
                        "tls: true",
                        "keyStore: \"/does/not/exist.p12\"",
                        "keyPassword: \"" + CANARY + "\""),
                // Sinks
                sink(
                        "an unknown scheme of a sink",
                        "kamelet:http-sink",
                        "url: \"https://a.example/\"",
                        "scheme: hmak",
                        secret),
                sink(
                        "a password in a sink's address",
                        "kamelet:http-sink",
                        "url: \"https://user:" + CANARY + "@a.example/\""),
                sink(
                        "a token in a sink's address that is none",
                        "kamelet:http-sink",
                        "url: \"ftp://a.example/?access_token=" + CANARY + "\""),
                sink(
                        "a token in a sink's address with a bad port",
                        "kamelet:http-sink",
                        "url: \"https://a.example:99999/?sign=" + CANARY + "\""),
                sink(
                        "a header that is none",
                        "kamelet:http-sink",
                        "url: \"https://a.example/\"",
                        "headers: \"Author ization=Bearer " + CANARY + "\""),
                sink(
                        "a client secret without an address",
                        "kamelet:http-sink",
                        "url: \"https://a.example/\"",
                        "clientId: a",
                        "clientSecret: \"" + CANARY + "\""),
                sink(
                        "a client secret in a token address",
                        "kamelet:http-sink",
                        "url: \"https://a.example/\"",
                        "clientId: a",
                        "clientSecret: b",
                        "tokenUrl: \"no address?secret=" + CANARY + "\""),
                sink(
                        "a sink's key store that is missing",
                        "kamelet:http-sink",
                        "url: \"https://a.example/\"",
                        "keyStore: /does/not/exist.p12",
                        "keyPassword: \"" + CANARY + "\""),
                sink(
                        "a key store that is none",
                        "kamelet:http-sink",
                        "url: \"https://a.example/\"",
                        "keyStore: application.properties",
                        "keyPassword: \"" + CANARY + "\""),
                sink(
                        "a time-out beside a secret",
                        "kamelet:http-sink",
                        "url: \"https://a.example/\"",
                        "scheme: hmac",
                        secret,
                        "timeout: \"0\""),
                sink(
                        "a signing key that is none",
                        "kamelet:http-sink",
                        "url: \"https://a.example/\"",
                        "scheme: standard-webhooks",
                        "secret: \"whsk_" + CANARY + "!\""),
                sink(
                        "an unknown option beside a feed's token",
                        "feed:orders/shop",
                        "token: \"" + CANARY + "\"",
                        "nope: 1"),
                sink(
                        "a number beside a feed's token",
                        "feed:orders/shop",
                        "token: \"" + CANARY + "\"",
                        "ackTimeout: soon"),
                sink("an unknown component", "nosuch:x", "password: \"" + CANARY + "\""),
                sink(
                        "an unknown option of http",
                        "http:a.example",
                        "authPassword: \"" + CANARY + "\"",
                        "authMethod: Basic",
                        "authUsername: a",
                        "httpMethod: \"NO SUCH\""),
                // Files that cannot be read
                text(
                        "YAML that is broken behind a secret",
                        "yaml",
                        "- route:\n    from:\n      uri: \"kamelet:webhook-source\"\n      parameters:\n        secret: \""
                                + CANARY + "\"\n       path: /x\n"),
                text(
                        "YAML that is broken in a secret",
                        "yaml",
                        "- route:\n    from:\n      uri: \"kamelet:webhook-source\"\n      parameters: { path: /x, secret: \""
                                + CANARY + " }\n"),
                text("YAML with an unknown word", "yaml", "- rout:\n    secret: \"" + CANARY + "\"\n"),
                text(
                        "YAML with a step that does not exist",
                        "yaml",
                        "- route:\n    from:\n      uri: \"direct:a\"\n      steps:\n        - toto: { uri: \"http:a?password="
                                + CANARY + "\" }\n"),
                text(
                        "XML that is broken",
                        "xml",
                        "<routes xmlns=\"http://camel.apache.org/schema/xml-io\"><route><from uri=\"kamelet:webhook-source?path=/x&amp;secret="
                                + CANARY + "\"></route></routes>"),
                text(
                        "XML with an unknown entity",
                        "xml",
                        "<routes xmlns=\"http://camel.apache.org/schema/xml-io\"><route><from uri=\"kamelet:webhook-source?path=/x&secret="
                                + CANARY + "\"/></route></routes>"),
                text(
                        "an expression beside a secret",
                        "yaml",
                        "- route:\n    from:\n      uri: \"direct:a\"\n      steps:\n        - setHeader: { name: Authorization, expression: { constant: { expression: \""
                                + CANARY
                                + "\" } } }\n        - setBody: { expression: { jq: { expression: \".a[\" } } }\n"),
                // Properties
                property("camel.beans.db", "#class:no.such.Class").with("camel.beans.db.password", CANARY),
                property("camel.component.http.proxyAuthPasswort", CANARY),
                new Wrong(
                        "a secret in the place of a time",
                        "yaml",
                        "- route: { from: { uri: \"direct:a\", steps: [ { to: { uri: \"http:a.example\" } } ] } }\n",
                        Map.of("shop.secret", CANARY, "camel.component.http.responseTimeout", "{{shop.secret}}")),
                property("serai.ledger.encryption.keys", "a:" + CANARY),
                property("serai.ledger.encryption.keys", CANARY),
                property("serai.retention.settled", "{{env:SERAI_NOT_SET}} " + CANARY),
                property("serai.egress.allow", "http://user:" + CANARY + "@a.example/"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void theSecretIsNotShown(Wrong wrong) throws IOException {
        Path routes = Files.writeString(folder.resolve("wrong.camel." + wrong.suffix()), wrong.routes());
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        RunOptions options = new RunOptions(
                List.of(routes.toString()),
                List.of(Path.of("kamelets")),
                Files.writeString(folder.resolve("empty.properties"), ""),
                folder.resolve("data"),
                wrong.properties());
        String output;
        int exitCode;
        try (CapturedLog log = new CapturedLog()) {
            exitCode = new Runner(stream, stream).check(options, false);
            output = said.toString(StandardCharsets.UTF_8) + String.join("\n", log.lines());
        }

        assertThat(exitCode).as(output).isNotZero();
        assertThat(output).isNotBlank().doesNotContain(CANARY).doesNotContain("c4n4ry");
    }
}
