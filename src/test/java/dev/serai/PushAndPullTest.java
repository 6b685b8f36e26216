package dev.serai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.ledger.FlowStatus;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples that receive the records of one source in two ways. */
class PushAndPullTest {
    private static final String SECRET = "a test key of PushAndPullTest, good for nothing else";

    @TempDir
    private Path data;

    /** The shop's answer when an order is pulled. */
    private final Map<String, String> orders = new ConcurrentHashMap<>();

    private final AtomicInteger failing = new AtomicInteger();

    @AutoClose
    private final RemoteSide shop = new RemoteSide(this::shop);

    @AutoClose
    private final RemoteSide platform = new RemoteSide(asked -> new Answer(200, Map.of(), ""));

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    private void start(String example) throws Exception {
        runner.withFile(
                        "docs/examples/" + example + ".camel.yaml",
                        Map.of(
                                example + ".secret",
                                SECRET,
                                example + ".shop.url",
                                shop.url(""),
                                example + ".shop.interval",
                                "100ms",
                                example + ".platform.url",
                                platform.url("")))
                .start();
    }

    private Answer shop(Asked asked) {
        if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return Answer.status(503);
        }
        if (asked.path().equals("/orders")) {
            return Answer.json("{\"orders\": [" + String.join(",", orders.values()) + "]}");
        }
        String order = orders.get(asked.path().replace("/orders/", ""));
        return order == null ? Answer.status(404) : Answer.json(order);
    }

    private int push(String path, String body) throws Exception {
        byte[] bytes = body.getBytes(UTF_8);
        Map<String, String> signature = SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(SECRET))
                .sign(bytes, "any", Instant.now());
        return runner.post(path, bytes, signature).statusCode();
    }

    private FlowStatus flow(String name) {
        return runner.ledger().flows().stream()
                .filter(flow -> flow.flow().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private List<String> arrived() {
        return platform.asked.stream()
                .map(asked ->
                        asked.method() + " " + asked.headers().get("serai-key") + " " + new String(asked.body(), UTF_8))
                .toList();
    }

    private void awaitPulls(int count) {
        int before = shop.asked.size();
        await().until(() -> shop.asked.size() >= before + count);
    }

    @Test
    void aLostPushArrivesByPullAndPushedOrdersAreDuplicatesInThePull() throws Exception {
        start("push-and-pull");
        // Another order of fields, other spaces, an envelope, more fields: still the same change.
        assertThat(push("/hooks/push-and-pull", """
                {"event": "order.changed", "data": {"updated_at": 1, "id": "pushed", "noise": true,
                 "total": 12.50, "status": "paid"}}""")).isEqualTo(202);
        await().until(() -> arrived().size() == 1);
        orders.put("pushed", "{\"id\":\"pushed\",\"status\":\"paid\",\"total\":12.50,\"updated_at\":1,\"more\":[]}");
        orders.put("lost", "{\"id\":\"lost\",\"status\":\"new\",\"total\":1e3,\"updated_at\":2}");

        await().until(() -> arrived().size() == 2);
        awaitPulls(3);
        assertThat(arrived())
                .containsExactly(
                        "POST pushed {\"order\":\"pushed\",\"status\":\"paid\",\"total\":12.50,\"updated_at\":1}",
                        "POST lost {\"order\":\"lost\",\"status\":\"new\",\"total\":1E+3,\"updated_at\":2}");
        assertThat(flow("push-and-pull").accepted()).isEqualTo(2);
        assertThat(flow("push-and-pull").duplicates()).isPositive();
    }

    @Test
    void aLatePushIsADuplicateOfThePull() throws Exception {
        orders.put("o", "{\"id\":\"o\",\"status\":\"paid\",\"total\":0.1,\"updated_at\":1}");
        start("push-and-pull");
        await().until(() -> arrived().size() == 1);
        long before = flow("push-and-pull").accepted();

        assertThat(push(
                        "/hooks/push-and-pull",
                        "{\"data\":{\"id\":\"o\",\"status\":\"paid\",\"total\":0.1,\"updated_at\":1}}"))
                .isEqualTo(202);
        assertThat(flow("push-and-pull").accepted()).isEqualTo(before);

        assertThat(push(
                        "/hooks/push-and-pull",
                        "{\"data\":{\"id\":\"o\",\"status\":\"sent\",\"total\":0.1,\"updated_at\":2}}"))
                .isEqualTo(202);
        await().until(() -> arrived().size() == 2);
    }

    @Test
    void aNoticeFetchesTheCurrentStateAndSeveralNoticesOfOneStateAreOneChange() throws Exception {
        start("notify-then-fetch");
        orders.put("o-1", "{\"id\":\"o-1\",\"status\":\"paid\",\"total\":12.50,\"updated_at\":7}");

        assertThat(push("/hooks/notify-then-fetch", "{\"order\":\"o-1\",\"at\":1}"))
                .isEqualTo(202);
        assertThat(push("/hooks/notify-then-fetch", "{\"order\":\"o-1\",\"at\":2}"))
                .isEqualTo(202);

        await().until(() -> flow("notify-then-fetch").duplicates() == 1);
        await().until(() -> arrived().size() == 1);
        assertThat(arrived())
                .containsExactly("POST o-1 {\"order\":\"o-1\",\"status\":\"paid\",\"total\":12.50,\"updated_at\":7}");
        assertThat(platform.asked.get(0).headers()).containsEntry("serai-version", "7");
    }

    @Test
    void anOrderThatIsGoneIsDeleted() throws Exception {
        start("notify-then-fetch");

        assertThat(push("/hooks/notify-then-fetch", "{\"order\":\"gone\",\"at\":5}"))
                .isEqualTo(202);

        await().until(() -> arrived().size() == 1);
        assertThat(arrived()).containsExactly("DELETE gone ");
        assertThat(platform.asked.get(0).headers()).containsEntry("serai-version", "5");
    }

    @Test
    void aFailedFetchIsRetriedAndTheNoticeWaits() throws Exception {
        start("notify-then-fetch");
        orders.put("o-1", "{\"id\":\"o-1\",\"status\":\"paid\",\"total\":1,\"updated_at\":7}");
        failing.set(1);

        assertThat(push("/hooks/notify-then-fetch", "{\"order\":\"o-1\",\"at\":1}"))
                .isEqualTo(202);

        await().until(() -> arrived().size() == 1);
        assertThat(shop.asked).hasSize(2);
    }

    @Test
    void anIdThatCouldChangeTheAddressIsRefused() throws Exception {
        start("notify-then-fetch");

        for (String order : List.of("../admin", "a?b=c", "a b", "", "x@evil", "a\\n")) {
            assertThat(push("/hooks/notify-then-fetch", "{\"order\":\"" + order + "\",\"at\":1}"))
                    .as(order)
                    .isEqualTo(422);
        }
        assertThat(shop.asked).isEmpty();
    }
}
