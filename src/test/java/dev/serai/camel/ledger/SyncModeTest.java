package dev.serai.camel.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.http.StatusLinks;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mode=sync}, with an example from docs/sources.md. */
class SyncModeTest {
    private static final String SECRET = "a test key";

    @TempDir
    private Path data;

    private final HttpClient client = HttpClient.newHttpClient();
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private volatile Function<RemoteSide.Asked, Answer> shop = asked -> Answer.json("{\"number\": 7.50}");

    @AutoClose
    private final RemoteSide target = new RemoteSide(asked -> shop.apply(asked));

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    @BeforeEach
    void linkStatus() {
        StatusLinks links = new StatusLinks(new byte[32]);
        runner.component().linkStatus(links::path);
        links.mount(runner.server().router(), runner.ledger());
    }

    @AfterEach
    void letTheTargetAnswer() {
        mayAnswer.countDown();
    }

    private void start(String timeout) throws Exception {
        String example = Files.readString(Path.of("docs/examples/http-sync-to-http.camel.yaml"))
                .replace("http-sync-to-http", "orders");
        runner.with(
                        example.replace("timeout: 10s", "timeout: " + timeout),
                        Map.of("orders.secret", SECRET, "orders.platform.url", target.url("")))
                .start();
    }

    private CompletableFuture<HttpResponse<String>> push(String version, String order) throws Exception {
        byte[] body = ("{\"id\": \"" + order + "\", \"updated_at\": \"" + version + "\"}").getBytes(UTF_8);
        Map<String, String> signature = SignatureSchemeRegistry.create(
                        "hmac", new SchemeOptions(SECRET, null, "X-Signature", Duration.ofMinutes(5)))
                .sign(body, version, Instant.now());
        return client.sendAsync(
                runner.request("/hooks/orders", "application/json", body, signature)
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return runner.ask(runner.request(path));
    }

    private Answer whenAllowed(Answer answer) {
        try {
            mayAnswer.await();
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.status(500);
        }
    }

    @Test
    void theAnswerContainsTheOutcomeAndTheTargetsReply() throws Exception {
        start("60s");

        HttpResponse<String> answer = push("e1", "o1").join();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .matches("\\{\"flow\":\"orders\",\"id\":\"[^\"]+\",\"sequence\":1,\"duplicate\":false,"
                        + "\"outcome\":\"delivered\",\"answer\":\\{\"number\":7.50}}");
    }

    @Test
    void aDuplicateWaitsForTheFirstAndIsDeliveredOnce() throws Exception {
        shop = asked -> whenAllowed(Answer.json("{}"));
        start("60s");
        CompletableFuture<HttpResponse<String>> first = push("e1", "o1");
        await().until(() -> target.asked.size() == 1);
        CompletableFuture<HttpResponse<String>> second = push("e1", "o1");
        await().until(() -> runner.ledger().flows().get(0).duplicates() == 1);
        assertThat(second).isNotDone();
        mayAnswer.countDown();

        assertThat(first.join().body()).contains("\"duplicate\":false,\"outcome\":\"delivered\"");
        assertThat(second.join().body()).contains("\"duplicate\":true,\"outcome\":\"delivered\"");
        assertThat(push("e1", "o1").join().body()).contains("\"duplicate\":true,\"outcome\":\"delivered\"");
        assertThat(target.asked).hasSize(1);
    }

    @Test
    void aChangeThatTheTargetRefusesIsAnswered502WithTheReason() throws Exception {
        shop = asked -> new Answer(422, Map.of("Content-Type", "text/plain"), "no such order");
        start("60s");

        HttpResponse<String> answer = push("e1", "o1").join();

        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(answer.body())
                .contains("accepted as 1 of orders", "dead letter", "platform: HTTP 422", "no such order");
        assertThat(push("e1", "o1").join().statusCode()).isEqualTo(502);
    }

    @Test
    void aTimeoutIsAnsweredWithAStatusLinkAndDeliveryContinues() throws Exception {
        shop = asked -> whenAllowed(Answer.json("{}"));
        start("300ms");

        HttpResponse<String> answer = push("e1", "o1").join();

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.body()).contains("\"outcome\":\"pending\"");
        String status = answer.headers().firstValue("Location").orElseThrow();
        String id = answer.body().replaceAll(".*(\"id\":\"[^\"]+\").*", "$1");
        assertThat(get(status).body()).contains(id, "\"outcome\":\"pending\"");
        mayAnswer.countDown();
        await().until(() -> get(status).body().contains("\"outcome\":\"delivered\""));
        assertThat(get(status.substring(0, status.length() - 1) + "x").statusCode())
                .isEqualTo(404);
        assertThat(get("/status/orders/none/x").statusCode()).isEqualTo(404);
    }

    @Test
    void manyWaitWithoutAThreadEach() throws Exception {
        shop = asked -> whenAllowed(Answer.json("{}"));
        start("10m");
        int threadsBefore = Thread.activeCount();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            answers.add(push("e" + i, "o" + i));
        }
        await().until(() -> runner.ledger().flows().get(0).accepted() == 400);

        assertThat(answers).noneMatch(CompletableFuture::isDone);
        assertThat(Thread.activeCount() - threadsBefore).isLessThan(200);
        mayAnswer.countDown();
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().body()).contains("delivered"));
    }

    @Test
    void aFlowWithoutTheTargetToWaitForIsAnErrorOfTheRouteAndAcceptsNothing() throws Exception {
        String example = Files.readString(Path.of("docs/examples/http-sync-to-http.camel.yaml"))
                .replace("http-sync-to-http", "orders");
        runner.with(
                        example.replace("await: platform", "await: nobody"),
                        Map.of("orders.secret", SECRET, "orders.platform.url", target.url("")))
                .start();

        assertThat(push("e1", "o1").join().statusCode()).isEqualTo(500);
        assertThat(runner.ledger().flows().get(0).accepted()).isZero();
    }

    @Test
    void aBatchCannotBeWaitedFor() {
        assertThatThrownBy(() -> runner.context
                        .getEndpoint("ledger:orders?mode=sync&batch=true&key=k")
                        .createProducer())
                .hasMessageContaining("mode=sync takes one change at a time");
    }
}
