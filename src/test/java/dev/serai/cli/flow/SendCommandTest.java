package dev.serai.cli.flow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.cli.Cli;
import dev.serai.support.KameletRunner;
import dev.serai.support.RefusingPort;
import dev.serai.support.TcpPeer;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code serai send}: what it signs is accepted by the flow's own source. */
class SendCommandTest {
    // Test keys. Do not use them elsewhere.
    private static final String SECRET = "a-test-key-of-SendCommandTest-001";
    private static final String ORDER = "{\"id\":\"o-1\",\"updated_at\":7}";
    private static final String PAYMENT =
            "{\"out_trade_no\":\"P-1\",\"trade_state\":\"SUCCESS\",\"success_time\":\"2026-11-20T10:34:56+08:00\",\"mchid\":\"1900000001\"}";
    private static final String TRADE =
            "{\"out_trade_no\":\"P-1\",\"trade_status\":\"TRADE_SUCCESS\",\"app_id\":\"a\",\"seller_id\":\"s\"}";
    private static final String MESSAGE =
            "<xml><FromUserName><![CDATA[u-1]]></FromUserName><MsgType><![CDATA[text]]></MsgType><MsgId>1</MsgId></xml>";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private KameletRunner node;

    @BeforeEach
    void prepare() {
        node = KameletRunner.listening(() -> folder);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private void start(String routes, Map<String, String> properties) throws Exception {
        Files.writeString(folder.resolve("flow.camel.yaml"), routes);
        node.withFile(folder.resolve("flow.camel.yaml").toString(), properties).start();
    }

    private static String webhook(String parameters) {
        return """
                - route:
                    id: orders-in
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/orders, %s }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { key: k } }
                """.formatted(parameters);
    }

    /** @param more options behind the flow and the file */
    private int send(String flow, String body, String... more) throws Exception {
        return sendTo(node.url(""), flow, body, more);
    }

    private int sendTo(String url, String flow, String body, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("send", flow));
        arguments.add(Files.writeString(folder.resolve("body"), body).toString());
        arguments.addAll(List.of("--routes", folder.resolve("flow.camel.yaml").toString(), "--url", url));
        arguments.addAll(List.of(more));
        return execute(arguments.toArray(String[]::new));
    }

    private int execute(String... arguments) {
        return Cli.execute(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hmac",
                "token",
                "bearer",
                "github",
                "stripe",
                "shopify",
                "slack",
                "dingtalk",
                "meta",
                "zoom",
                "dropbox",
                "douyin",
                "feishu"
            })
    void theSourceAcceptsWhatIsSignedWithItsSecret(String scheme) throws Exception {
        start(webhook("scheme: " + scheme + ", secret: \"{{orders.secret}}\""), Map.of("orders.secret", SECRET));

        int exitCode = send("orders", ORDER, "-p", "orders.secret=" + SECRET);

        assertThat(err.toString()).isEmpty();
        assertThat(out.toString()).contains("POST " + node.url("/hooks/orders") + ", signed as " + scheme);
        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(node.onlyAccepted("orders").change().key()).isEqualTo("k");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scheme: none",
                "scheme: basic, secret: 'user:a-test-password-001'",
                "scheme: token, secret: a-test-key-of-SendCommandTest, header: X-Gitlab-Token",
                "scheme: standard-webhooks, secret: whsec_c2VyYWktZXhhbXBsZXMtdGVzdC1rZXktMDAx",
                "scheme: hmac, secret: a-test-key-of-SendCommandTest, algorithm: sha512, encoding: base64, prefix: none, timeHeader: X-Time",
                "scheme: feishu, verificationToken: a-test-token",
                "scheme: wecom, token: a-test-token, encodingAesKey: ExampleTestKeyGoodForNothingElse00000000003, corpId: c1"
            })
    void theParametersOfASchemeCount(String parameters) throws Exception {
        start(webhook(parameters), Map.of());

        int exitCode = send("orders", parameters.contains("wecom") ? MESSAGE : ORDER);

        assertThat(err.toString()).isEmpty();
        assertThat(exitCode).as(out.toString()).isZero();
    }

    @Test
    void graphGetsItsClientStateAndCloudEventsItsToken() throws Exception {
        start(
                webhook("scheme: graph, secret: a-test-key-of-SendCommandTest")
                        + webhook("scheme: cloudevents, secret: a-test-key-of-SendCommandTest")
                                .replace("orders", "events"),
                Map.of());

        assertThat(send("orders", "{\"value\":[{\"resource\":\"a\"}]}"))
                .as(err + "" + out)
                .isZero();
        assertThat(send(
                        "events",
                        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{}}",
                        "--header",
                        "content-type: application/cloudevents+json"))
                .as(err + "" + out)
                .isZero();
    }

    @Test
    void wechatPayAndAlipayArePlayedWithTheSandboxesTestKeys() throws Exception {
        Map<String, String> properties = Map.of(
                "wechatpay.apiV3Key", "serai-sandbox-test-key-000000001",
                "wechatpay.publicKeyId", "PUB_KEY_ID_SANDBOX",
                "wechatpay.publicKey", "file:sandbox/keys/wechatpay-test-public-key.pem",
                "alipay.publicKey", "file:sandbox/keys/alipay-test-public-key.pem");
        start("""
                - route:
                    id: payments-in
                    from:
                      uri: kamelet:wechatpay-source
                      parameters: { path: /hooks/payments, apiV3Key: "{{wechatpay.apiV3Key}}", publicKeyId: "{{wechatpay.publicKeyId}}", publicKey: "{{wechatpay.publicKey}}", mchid: "1900000001" }
                      steps:
                        - to: { uri: "ledger:payments", parameters: { id: "${header.CamelLedgerId}", key: "${jq(.out_trade_no)}" } }
                - route:
                    id: trades-in
                    from:
                      uri: kamelet:alipay-source
                      parameters: { path: /hooks/trades, alipayPublicKey: "{{alipay.publicKey}}" }
                      steps:
                        - to: { uri: "ledger:trades", parameters: { id: "${header.CamelLedgerId}", key: "${jq(.out_trade_no)}" } }
                """, properties);
        List<String> given = new ArrayList<>();
        properties.forEach((name, value) -> given.addAll(List.of("-p", name + "=" + value)));

        assertThat(send("payments", PAYMENT, given.toArray(String[]::new)))
                .as(err + "" + out)
                .isZero();
        assertThat(send("trades", TRADE, given.toArray(String[]::new)))
                .as(err + "" + out)
                .isZero();

        assertThat(node.onlyAccepted("payments").change().key()).isEqualTo("P-1");
        assertThat(node.onlyAccepted("trades").change().key()).isEqualTo("P-1");
        String own = "file:" + Files.writeString(folder.resolve("own.pem"), "-----BEGIN PUBLIC KEY-----\nMIIB\n");
        given.addAll(List.of("-p", "other=1"));
        given.set(
                given.indexOf("wechatpay.publicKey=file:sandbox/keys/wechatpay-test-public-key.pem"),
                "wechatpay.publicKey=" + own);
        assertThat(send("payments", PAYMENT, given.toArray(String[]::new))).isEqualTo(2);
        assertThat(err.toString())
                .contains("only WeChat Pay has the key")
                .contains("-p wechatpay.publicKey=file:sandbox/keys/wechatpay-test-public-key.pem"
                        + " -p wechatpay.publicKeyId=PUB_KEY_ID_SANDBOX");
    }

    @ParameterizedTest
    @ValueSource(strings = {"safe", "plain"})
    void wechatMessagesAreEncryptedAsTheModeSays(String mode) throws Exception {
        start("""
                - route:
                    id: chat-in
                    from:
                      uri: kamelet:wechat-message-source
                      parameters: { path: /hooks/wechat, mode: %s, token: a-test-token, encodingAesKey: ExampleTestKeyGoodForNothingElse00000000003, appId: wx1 }
                      steps:
                        - to: { uri: "ledger:chat", parameters: { id: "${header.CamelLedgerId}", key: "${jq(.FromUserName)}" } }
                """.formatted(mode), Map.of());

        assertThat(send("chat", MESSAGE)).as(err + "" + out).isZero();
        assertThat(node.onlyAccepted("chat").change().key()).isEqualTo("u-1");
    }

    @ParameterizedTest
    @CsvSource({"line", "length", "'delimiter, delimiter: \"\\\\x03\"'", "'length, lengthBytes: 8'"})
    void framesGoToATcpSource(String framing) throws Exception {
        start("""
                - route:
                    id: orders-in
                    from:
                      uri: kamelet:tcp-source
                      parameters: { port: "{{orders.port}}", framing: %s }
                      steps:
                        - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}", version: "${jq(.updated_at)}" } }
                """.formatted(framing), Map.of("orders.port", "0"));
        String port = String.valueOf(TcpPeer.port(node.context));

        int exitCode = sendTo(
                "tcp://127.0.0.1:" + port, "orders", "{\n\"id\": \"o-1\",\n\"updated_at\": 7}\n", "--count", "2");

        assertThat(exitCode).as(err + "" + out).isZero();
        assertThat(out.toString()).contains("\"duplicate\":false").contains("\"duplicate\":true");
        assertThat(sendTo("127.0.0.1:" + port, "orders", "{\"no\":1}")).isEqualTo(1);
        assertThat(out.toString()).contains("refused {\"error\":");
    }

    @Test
    void aRouteThatBeginsWithIngressIsFoundBehindALinkAndInXml() throws Exception {
        Files.writeString(folder.resolve("flow.camel.xml"), """
                <routes xmlns="http://camel.apache.org/schema/xml-io">
                  <route id="in"><from uri="ingress:/hooks/direct?headers=X-Kind"/>
                    <to uri="signature:hmac?secret={{orders.secret}}&amp;header=X-Sign"/><to uri="direct:orders"/></route>
                  <route id="orders"><from uri="direct:orders"/><to uri="ledger:orders?key=k"/></route>
                </routes>
                """);
        node.withFile(folder.resolve("flow.camel.xml").toString(), Map.of("orders.secret", SECRET))
                .start();

        int exitCode = execute(
                "send",
                "orders",
                Files.writeString(folder.resolve("body"), ORDER).toString(),
                "--routes",
                folder.resolve("flow.camel.xml").toString(),
                "--url",
                node.url(""),
                "-p",
                "orders.secret=" + SECRET);

        assertThat(exitCode).as(err + "" + out).isZero();
        assertThat(out.toString()).contains("/hooks/direct, signed as hmac");
    }

    @Test
    void anotherSecretIsRefusedAndTheIdOfAHeaderIsSigned() throws Exception {
        start(
                webhook("scheme: standard-webhooks, secret: \"{{orders.secret}}\"")
                        .replace("key: k", "key: k, id: \"${header.CamelLedgerId}\""),
                Map.of("orders.secret", "whsec_c2VyYWktZXhhbXBsZXMtdGVzdC1rZXktMDAx"));

        assertThat(send("orders", ORDER, "-p", "orders.secret=whsec_b3RoZXItZXhhbXBsZXMtdGVzdC1rZXktMDAx"))
                .isEqualTo(1);
        assertThat(out.toString()).contains("401 {");
        assertThat(send(
                        "orders",
                        ORDER,
                        "-p",
                        "orders.secret=whsec_c2VyYWktZXhhbXBsZXMtdGVzdC1rZXktMDAx",
                        "--header",
                        "webhook-id: mine-1"))
                .as(err + "" + out)
                .isZero();
        assertThat(node.onlyAccepted("orders").change().id()).isEqualTo("mine-1");
    }

    @Test
    void standardInputIsABodyToo() throws Exception {
        start(webhook("scheme: none"), Map.of());
        SendCommand command =
                new SendCommand(new PrintWriter(out, true), new ByteArrayInputStream(ORDER.getBytes(UTF_8)));

        int exitCode = new CommandLine(command)
                .execute(
                        "orders",
                        "-",
                        "--routes",
                        folder.resolve("flow.camel.yaml").toString(),
                        "--url",
                        node.url(""));

        assertThat(exitCode).as(out.toString()).isZero();
        assertThat(new String(node.onlyAccepted("orders").change().body(), UTF_8))
                .isEqualTo(ORDER);
    }

    @Test
    void whatCannotBeSentSaysWhatThereIs() throws Exception {
        start(webhook("scheme: hmac, secret: \"{{no.such.secret}}\"") + """
                - route:
                    id: polled-in
                    from: { uri: "timer:polled", parameters: { period: 1000000 }, steps: [ { to: { uri: "ledger:polled", parameters: { key: k } } } ] }
                """, Map.of("no.such.secret", SECRET));

        assertThat(send("order", ORDER)).isEqualTo(2);
        assertThat(err.toString())
                .contains("there is no flow order, perhaps orders is meant: there are orders, polled");
        assertThat(send("polled", ORDER)).isEqualTo(2);
        assertThat(err.toString())
                .contains("nothing can be pushed to the flow polled, which comes from timer:polled in ");
        assertThat(send("orders", ORDER)).isEqualTo(2);
        assertThat(err.toString()).contains("the property no.such.secret is missing");
        assertThat(send("orders", ORDER, "-p", "no.such.secret=" + SECRET, "--header", "novalue"))
                .isEqualTo(2);
        assertThat(execute("send", "orders", folder + "/missing", "--routes", folder + "/flow.camel.yaml"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("/missing: cannot be read");
        try (RefusingPort nobody = new RefusingPort()) {
            assertThat(sendTo("http://127.0.0.1:" + nobody.number(), "orders", ORDER, "-p", "no.such.secret=" + SECRET))
                    .isEqualTo(3);
        }
        assertThat(err.toString()).contains("no node answers at http://127.0.0.1:");
    }
}
