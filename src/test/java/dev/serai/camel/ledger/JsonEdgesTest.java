package dev.serai.camel.ledger;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.support.KameletRunner;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies at the edge of what JSON allows, and the keys in them. */
class JsonEdgesTest {
    @TempDir
    private Path data;

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    @AutoClose
    private final RemoteSide shop = new RemoteSide(asked -> Answer.json("{}"));

    @BeforeEach
    void start() throws Exception {
        runner.with("""
                - route:
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/bytes }
                      steps:
                        - to: { uri: "ledger:bytes", parameters: { key: "${header.X-Key}" } }
                - route:
                    from:
                      uri: ledger:bytes
                      parameters: { target: shop }
                      steps:
                        - to: { uri: "kamelet:http-sink", parameters: { url: "{{shop}}/bytes" } }
                - route:
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /hooks/json }
                      steps:
                        - to: { uri: "ledger:events", parameters: { key: "${jq(.id)}", version: "${jq(.v)}" } }
                """, Map.of("shop", shop.url(""))).start();
    }

    private int post(String body) throws Exception {
        return runner.post("/hooks/json", body.getBytes(UTF_8), Map.of()).statusCode();
    }

    private List<String> keys() {
        return runner.accepted("events").stream()
                .map(entry -> entry.change().key())
                .toList();
    }

    @Test
    void keysThatDifferStayDifferent() throws Exception {
        assertThat(post("{\"id\":\"s\\ud83d\",\"v\":1}")).isEqualTo(422);
        assertThat(post("{\"id\":\"s\\ude00\",\"v\":1}")).isEqualTo(422);
        assertThat(post("{\"id\":\"s?\",\"v\":1}")).isEqualTo(202);
        assertThat(post("{\"id\":\"s\\ud83d\\ude00\",\"v\":1}")).isEqualTo(202);
        assertThat(post("{\"id\":\"null\",\"v\":1}")).isEqualTo(202);
        assertThat(post("{\"id\":null,\"v\":1}")).isEqualTo(422);
        assertThat(post("{\"v\":1}")).isEqualTo(422);

        assertThat(keys()).containsExactlyInAnyOrder("s?", "s\uD83D\uDE00", "null");
    }

    @Test
    void aNumberIsTheSameKeyHoweverItIsWritten() throws Exception {
        for (String number : List.of("1000", "1e3", "1E+3", "1.0e3")) {
            assertThat(post("{\"id\":" + number + ",\"v\":" + number + "}")).isEqualTo(202);
        }
        assertThat(post("{\"id\":12.50,\"v\":1}")).isEqualTo(202);

        assertThat(keys()).containsOnly("1000", "12.50");
    }

    @Test
    void whatIsNotOneObjectWithUniqueNamesIsRefused() throws Exception {
        assertThat(post("{\"id\":\"a\",\"v\":1}{\"id\":\"b\",\"v\":1}")).isEqualTo(400);
        assertThat(post("{\"id\":\"a\",\"v\":1} x")).isEqualTo(400);
        assertThat(post("{\"id\":\"a\",\"v\":1,\"id\":\"b\"}")).isEqualTo(422);
        assertThat(post("{\"id\":\"a\"")).isEqualTo(400);
        assertThat(post("{\"id\":\"c\",\"v\":1}\r\n ")).isEqualTo(202);

        assertThat(keys()).containsExactly("c");
    }

    @Test
    void deepAndHugeBodiesEndInNoErrorOfTheServer() throws Exception {
        assertThat(post("{\"id\":\"d\",\"v\":1,\"x\":" + "[".repeat(900) + "]".repeat(900) + "}"))
                .isEqualTo(202);
        assertThat(post("{\"id\":\"e\",\"v\":1,\"x\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}"))
                .isEqualTo(400);
        assertThat(post("{\"id\":1e999999999,\"v\":1e999999999}")).isLessThan(500);
        assertThat(post("{\"id\":\"f\",\"v\":1e999999999}")).isLessThan(500);
        assertThat(post("{\"id\":\"g\",\"v\":1e99999999950}")).isEqualTo(400);
        assertThat(post("{\"id\":\"f\",\"v\":1e-999999999}")).isLessThan(500);
    }

    @Test
    void anUnknownCharsetBlocksNoKeyAndTheBytesGoOutAsTheyCame() throws Exception {
        byte[] body = "{\"id\":\"g\",\"v\":1,\"text\":\"\u00fc\"}".getBytes(ISO_8859_1);
        String type = "application/json; charset=utf8mb4";

        assertThat(runner.post("/hooks/bytes", body, Map.of("Content-Type", type, "X-Key", "g"))
                        .statusCode())
                .isEqualTo(202);

        await().atMost(Patience.MAX).until(() -> !shop.asked.isEmpty());
        assertThat(shop.asked.get(0).body()).isEqualTo(body);
        assertThat(shop.asked.get(0).headers()).containsValue(type);
    }
}
