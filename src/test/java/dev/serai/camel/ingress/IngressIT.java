package dev.serai.camel.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.ByteBudget;
import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.camel.http.HttpProblem;
import dev.serai.http.Problem;
import dev.serai.ledger.model.LedgerException;
import dev.serai.support.Patience;
import dev.serai.support.RemoteSide;
import java.io.ByteArrayInputStream;
import java.net.BindException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.AsyncProcessorSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IngressIT {

    private final Edge edge = new Edge();

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void anAcceptedChangeIsAnsweredWithItsReceipt() throws Exception {
        serve("ingress:hooks/orders", exchange -> {
            exchange.getMessage().setHeader("CamelLedgerFlow", "orders");
            exchange.getMessage().setHeader("CamelLedgerId", "e\"1");
            exchange.getMessage().setHeader("CamelLedgerSequence", 17L);
            exchange.getMessage().setHeader("CamelLedgerDuplicate", false);
        });

        HttpResponse<String> answer = edge.post("/hooks/orders", "{}");

        assertThat(answer.statusCode()).isEqualTo(202);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.body())
                .isEqualTo("{\"flow\":\"orders\",\"id\":\"e\\\"1\",\"sequence\":17,\"duplicate\":false}");
    }

    @Test
    void aRouteThatAcceptsNothingIsAnswered204() throws Exception {
        serve("ingress:x", exchange -> {});

        assertThat(edge.post("/x", "{}").statusCode()).isEqualTo(204);
    }

    @Test
    void aRoutesOwnStatusBodyAndTypeAreTheAnswer() throws Exception {
        serve("ingress:x", exchange -> {
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, "201");
            exchange.getMessage().setHeader("Content-Type", "text/xml");
            exchange.getMessage().setHeader("X-Internal", "secret");
            exchange.getMessage().setBody("<ok/>");
        });

        HttpResponse<String> answer = edge.send(edge.to("/x")
                .header("X-Echo", "canary")
                .header("Content-Type", "text/html")
                .POST(BodyPublishers.ofString("<b>")));

        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.body()).isEqualTo("<ok/>");
        assertThat(answer.headers().map().keySet())
                .containsExactlyInAnyOrder("content-length", "content-type", "x-content-type-options");
        assertThat(answer.headers().firstValue("content-type")).hasValue("text/xml");
    }

    @Test
    void theAnswerDoesNotHaveTheRequestsContentType() throws Exception {
        serve("ingress:x?methods=GET,POST", exchange -> {
            exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 200);
            exchange.getMessage().setBody(exchange.getMessage().getHeader(Exchange.HTTP_QUERY));
        });

        HttpResponse<String> answer = edge.send(edge.to("/x?echostr=%3Cb%3E")
                .header("Content-Type", "text/html")
                .GET());

        assertThat(answer.body()).isEqualTo("echostr=%3Cb%3E");
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
    }

    @Test
    void anImpossibleStatusIsAFailureOfTheRoute() throws Exception {
        serve("ingress:x", exchange -> exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 77));

        assertProblem(edge.post("/x", ""), 500);
    }

    @Test
    void aChangeThatTheLedgerRefusesIsAnsweredWithTheReason() throws Exception {
        Queue<Exception> failures = new ConcurrentLinkedQueue<>(List.of(
                new LedgerException.Invalid("no key\r\nX-Forged: 1"),
                new LedgerException.Conflict("orders", "e1", "body"),
                new LedgerException.Overloaded("the writer is behind", Duration.ofMillis(1200)),
                new LedgerException.Unavailable("disk /var/secret is full", new IllegalStateException())));
        serve("ingress:x", exchange -> {
            throw failures.remove();
        });

        HttpResponse<String> invalid = edge.post("/x", "{}");
        assertProblem(invalid, 422);
        assertThat(invalid.body()).contains("no key X-Forged: 1");
        HttpResponse<String> conflict = edge.post("/x", "{}");
        assertProblem(conflict, 409);
        assertThat(conflict.body()).contains("the id e1 was accepted before in flow orders with another body");
        HttpResponse<String> overloaded = edge.post("/x", "{}");
        assertProblem(overloaded, 503);
        assertThat(overloaded.headers().firstValue("Retry-After")).hasValue("2");
        HttpResponse<String> unavailable = edge.post("/x", "{}");
        assertProblem(unavailable, 507);
        assertThat(unavailable.body()).doesNotContain("secret");
    }

    @Test
    void anExceptionWithItsOwnStatusDecidesTheAnswer() throws Exception {
        class Unsigned extends Exception implements HttpProblem {
            @Override
            public Problem problem() {
                return Problem.of(401, "The signature does not fit the body.");
            }
        }
        serve("ingress:x", exchange -> {
            throw new IllegalStateException("wrapped", new Unsigned());
        });

        assertProblem(edge.post("/x", "{}"), 401);
    }

    @Test
    void anUnknownFailureIsAnsweredWithAnIdOnly() throws Exception {
        serve("ingress:x", exchange -> {
            throw new IllegalStateException("password=hunter2");
        });

        HttpResponse<String> answer = edge.post("/x", "{}");

        assertProblem(answer, 500);
        assertThat(answer.body()).contains("about error ").doesNotContain("hunter2", "IllegalState", "serai", "\tat");
    }

    @Test
    void aRollbackWithoutExceptionIsAFailure() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:x").markRollbackOnly();
            }
        });

        assertProblem(edge.post("/x", "{}"), 500);
    }

    @Test
    void unreadableJsonIs400AndJsonOfAnotherShapeIs422() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:jq").setHeader("key").jq(".a");
                from("ingress:schema").to("json-validator:schema.json");
                from("ingress:rule").validate().simple("${body} == 'secret-rule'");
                from("ingress:parse").unmarshal().json();
            }
        });

        assertProblem(edge.post("/jq", "{\"a\":"), 400);
        assertProblem(edge.post("/parse", "{\"a\":"), 400);
        assertProblem(edge.post("/schema", "{\"a\":"), 400);
        assertProblem(edge.post("/schema", ""), 422);
        HttpResponse<String> misshapen = edge.post("/schema", "{\"b\":1}");
        assertProblem(misshapen, 422);
        assertThat(misshapen.body()).contains("'a'");
        HttpResponse<String> against = edge.post("/rule", "x");
        assertProblem(against, 422);
        assertThat(against.body()).doesNotContain("secret-rule");
        assertThat(edge.post("/jq", "{\"a\":1}").statusCode()).isEqualTo(204);
        assertThat(edge.post("/schema", "{\"a\":1}").statusCode()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=b",
                "application/octet-stream",
                "text/plain; charset=gbk",
                "application/json"
            })
    void theRouteGetsTheRawBytesWhateverTheirType(String type) throws Exception {
        serve("ingress:x", edge::record);
        byte[] body = new byte[300_000];
        new Random(7).nextBytes(body);

        edge.send(edge.to("/x").header("Content-Type", type).POST(BodyPublishers.ofByteArray(body)));
        edge.send(edge.to("/x")
                .header("Content-Type", type)
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));

        assertThat(edge.got).hasSize(2).allSatisfy(got -> {
            assertThat(got.body()).isEqualTo(body);
            assertThat(got.headers()).containsEntry("Content-Type", type);
        });
    }

    @Test
    void formFieldsAndQueryParametersDoNotBecomeHeaders() throws Exception {
        serve("ingress:x", edge::record);
        String form = "a=1&CamelHttpUri=http%3A%2F%2Fevil&X-Field=2";

        edge.send(edge.to("/x?kafka.OVERRIDE_TOPIC=t&X-Query=1")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(form)));

        assertThat(edge.got.get(0).body()).asString().isEqualTo(form);
        assertThat(edge.got.get(0).headers())
                .containsOnly(
                        Map.entry("CamelHttpMethod", "POST"),
                        Map.entry("CamelHttpPath", "/x"),
                        Map.entry("CamelHttpQuery", "kafka.OVERRIDE_TOPIC=t&X-Query=1"),
                        Map.entry("Content-Type", "application/x-www-form-urlencoded"));
    }

    @Test
    void onlyAllowedHeadersReachTheRoute() throws Exception {
        serve("ingress:x?headers=Wechatpay-*,Stripe-Signature,ka*,c*", edge::record);

        String answer = edge.raw("""
                POST /x HTTP/1.1\r
                Host: h\r
                Connection: close\r
                Content-Length: 0\r
                CamelLedgerSequence: 1\r
                cAMELhTTPuRI: http://evil\r
                Kafka.OVERRIDE_TOPIC: t\r
                kafka.KEY: k\r
                LONG-running-action: l\r
                Authorization: Bearer b\r
                Cookie: c=1\r
                X-Forwarded-For: 1.2.3.4\r
                User-Agent: u\r
                Accept: */*\r
                X-Api-Key: secret\r
                X-Auth-Token: secret\r
                x-one: a\r
                X-One: b\r
                Webhook-Id: w\r
                WECHATPAY-Nonce: n\r
                stripe-signature: s\r
                Content-Type: text/x\r
                \r
                """);

        assertThat(edge.got.get(0).headers())
                .containsOnly(
                        Map.entry("CamelHttpMethod", "POST"),
                        Map.entry("CamelHttpPath", "/x"),
                        Map.entry("x-one", "a, b"),
                        Map.entry("Webhook-Id", "w"),
                        Map.entry("WECHATPAY-Nonce", "n"),
                        Map.entry("stripe-signature", "s"),
                        Map.entry("Content-Type", "text/x"));
        assertThat(answer).startsWith("HTTP/1.1 204 ").doesNotContain("evil", "x-one", "Nonce", "text/x");
    }

    @Test
    void aHeaderThatIsNeverPassedOnCannotBeRequested() {
        assertThatThrownBy(() -> serve("ingress:x?headers=authorization", exchange -> {}))
                .rootCause()
                .hasMessageContaining("authorization is never passed to a route");
    }

    @Test
    void aBodyAboveTheLimitIsRefusedByItsLength() throws Exception {
        edge.ingress.setMaxBodyBytes(1000);
        serve("ingress:x", edge::record);

        assertThat(edge.post("/x", "a".repeat(1000)).statusCode()).isEqualTo(204);
        assertProblem(edge.post("/x", "a".repeat(1001)), 413);
        assertProblem(edge.post("/x", "a".repeat(3_000_000)), 413);
        assertThat(edge.got).hasSize(1);
    }

    @Test
    void aBodyAboveTheLimitIsRefusedWhileItStreams() throws Exception {
        edge.context.getPropertiesComponent().addInitialProperty("serai.limits.bodyBytes", "1000");
        serve("ingress:x", edge::record);

        assertThat(stream("/x", 1000).statusCode()).isEqualTo(204);
        assertProblem(stream("/x", 1001), 413);
        assertProblem(stream("/x", 500_000), 413);
        assertThat(edge.got).hasSize(1);
    }

    @Test
    void bodiesHeldAtOnceAreLimitedInSum() throws Exception {
        edge.ingress.setMaxHeldBytes(1500);
        Held held = new Held();
        serve("ingress:x", held);

        CompletableFuture<HttpResponse<String>> first = postAsync("/x", "a".repeat(1000));
        await().until(() -> held.waiting.size() == 1);
        HttpResponse<String> second = edge.post("/x", "a".repeat(1000));
        held.release();

        assertProblem(second, 503);
        assertThat(first.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                .isEqualTo(204);
        CompletableFuture<HttpResponse<String>> third = postAsync("/x", "a".repeat(1000));
        await().until(() -> held.waiting.size() == 1);
        held.release();
        assertThat(third.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                .isEqualTo(204);
    }

    @Test
    void otherMethodsAreRefusedWithThoseAllowed() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:x?methods=POST,PUT").process(edge::record);
                from("ingress:x?methods=GET").setBody(constant("mine"));
            }
        });

        HttpResponse<String> answer = edge.send(edge.to("/x").DELETE());

        assertProblem(answer, 405);
        assertThat(answer.headers().firstValue("Allow")).hasValue("GET, POST, PUT");
        assertThat(edge.send(edge.to("/x").PUT(BodyPublishers.noBody())).statusCode())
                .isEqualTo(204);
        assertThat(edge.send(edge.to("/x").GET()).statusCode()).isEqualTo(204);
    }

    @Test
    void compressedBodiesAreRefused() throws Exception {
        serve("ingress:x", edge::record);

        assertProblem(
                edge.send(edge.to("/x").header("Content-Encoding", "br").POST(BodyPublishers.ofString("x"))), 415);
        assertThat(edge.send(edge.to("/x")
                                .header("Content-Encoding", "identity")
                                .POST(BodyPublishers.ofString("x")))
                        .statusCode())
                .isEqualTo(204);
        assertThat(edge.got).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/y", "/x/", "//x", "/x/z", "/%78", "/X"})
    void anyOtherPathIs404(String path) throws Exception {
        serve("ingress:x", edge::record);

        assertProblem(edge.post(path, "{}"), 404);
        assertThat(edge.got).isEmpty();
    }

    @Test
    void usersOwnPlatformHttpRoutesAreServedOnTheSamePort() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:ours").process(edge::record);
                from("platform-http:/theirs").setBody(simple("hello ${body}"));
            }
        });

        assertThat(edge.post("/theirs", "you").body()).isEqualTo("hello you");
        assertThat(edge.post("/ours", "x").statusCode()).isEqualTo(204);
        assertProblem(edge.post("/theirs", "a".repeat((1 << 20) + 1)), 413);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ours", "/theirs"})
    void theAddressOfARequestIsNotThatOfTheServerThatItsRouteCalls(String path) throws Exception {
        try (RemoteSide called = new RemoteSide(asked -> RemoteSide.Answer.status(200))) {
            edge.start(new RouteBuilder() {
                @Override
                public void configure() {
                    from("ingress:ours").to(called.url("/in?own=1")).process(edge::record);
                    from("platform-http:/theirs").to(called.url("/in?own=1")).process(edge::record);
                }
            });

            edge.send(edge.to(path + "?evil=2&kafka.OVERRIDE_TOPIC=t&CamelHttpUri=http://127.0.0.1:1/")
                    .header("CamelHttpUri", "http://127.0.0.1:1/")
                    .header("CamelHttpQuery", "evil=3")
                    .POST(BodyPublishers.ofString("{}")));

            assertThat(called.asked).hasSize(1);
            assertThat(called.asked.get(0).path()).isEqualTo("/in");
            assertThat(called.asked.get(0).query()).isEqualTo("own=1");
            assertThat(edge.got.get(0).headers()).doesNotContainKey("kafka.OVERRIDE_TOPIC");
            assertThat(edge.got.get(0).headers().get("CamelHttpQuery").toString())
                    .startsWith("evil=2");
        }
    }

    @Test
    void theBodiesOfPlatformHttpRoutesAreCountedBeforeTheyAreRead() throws Exception {
        edge.context.getRegistry().bind("byteBudget", new ByteBudget(1_000));
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("platform-http:/theirs").setBody(constant("done"));
            }
        });

        assertThat(edge.post("/theirs", "a".repeat(1_000)).body()).isEqualTo("done");
        assertProblem(edge.post("/theirs", "a".repeat(1_001)), 503);
        assertThat(edge.post("/theirs", "a".repeat(1_000)).body()).isEqualTo("done");
    }

    @Test
    void twoRoutesOnOnePathAreAnError() {
        assertThatThrownBy(() -> edge.start(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("ingress:x?methods=PUT,POST").to("log:a");
                        from("ingress:/x").to("log:b");
                    }
                }))
                .hasMessageContaining("two routes take POST /x");
    }

    @Test
    void aRouteWithoutAServerSaysWhatIsMissing() throws Exception {
        try (DefaultCamelContext bare = new LeanCamelContext(true)) {
            assertThatThrownBy(() -> {
                        bare.addRoutes(new RouteBuilder() {
                            @Override
                            public void configure() {
                                from("ingress:x").to("log:a");
                            }
                        });
                        bare.start();
                    })
                    .hasMessageContaining("no HTTP server runs for ingress:/x");
        }
    }

    @Test
    void aTakenPortIsABindException() throws Exception {
        serve("ingress:x", exchange -> {});
        try (DefaultCamelContext second = new LeanCamelContext(true)) {
            assertThatThrownBy(() -> FlowServer.start(second, FlowServerSettings.of("127.0.0.1", edge.port())))
                    .isInstanceOf(java.io.IOException.class)
                    .hasMessageContaining("127.0.0.1:" + edge.port())
                    .hasRootCauseInstanceOf(BindException.class);
        }
    }

    @Test
    void manyRequestsWaitForTheirRoutesWithoutHoldingThreads() throws Exception {
        edge.ingress.setWorkers(2);
        Held held = new Held();
        serve("ingress:x", held);

        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            answers.add(postAsync("/x", "body " + i));
        }
        await().until(() -> held.waiting.size() == 200);
        held.release();

        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertThat(answer.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                    .isEqualTo(204);
        }
    }

    @Test
    void requestsAboveTheLimitAreAskedToRetry() throws Exception {
        edge.ingress.setMaxInFlight(6); // of which one sender on one path gets two
        Held held = new Held();
        serve("ingress:x", held);

        List<CompletableFuture<HttpResponse<String>>> first = List.of(postAsync("/x", "1"), postAsync("/x", "2"));
        await().until(() -> held.waiting.size() == 2);
        HttpResponse<String> third = edge.post("/x", "3");
        held.release();

        assertProblem(third, 503);
        assertThat(third.headers().firstValue("Retry-After")).hasValue("1");
        for (CompletableFuture<HttpResponse<String>> answer : first) {
            assertThat(answer.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                    .isEqualTo(204);
        }
    }

    @Test
    void aSlowRouteHoldsUpNoOtherPath() throws Exception {
        edge.ingress.setWorkers(1);
        CountDownLatch end = new CountDownLatch(1);
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:slow").process(exchange -> end.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS));
                from("ingress:other").process(edge::record);
            }
        });

        List<CompletableFuture<HttpResponse<String>>> slow = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            slow.add(postAsync("/slow", "1"));
        }
        assertThat(edge.post("/other", "2").statusCode()).isEqualTo(204);
        assertThat(slow).noneMatch(CompletableFuture::isDone);
        end.countDown();
        for (CompletableFuture<HttpResponse<String>> answer : slow) {
            assertThat(answer.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                    .isEqualTo(204);
        }
    }

    @Test
    void aRequestThatGetsNoThreadInTimeIsAskedToRetryAndNotRunLater() throws Exception {
        edge.ingress.setWorkers(1);
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        serve("ingress:x?bodyTimeout=300", exchange -> {
            inside.countDown();
            assertThat(end.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            edge.record(exchange);
        });

        CompletableFuture<HttpResponse<String>> first = postAsync("/x", "1");
        inside.await();
        assertProblem(edge.post("/x", "2"), 503);
        end.countDown();

        assertThat(first.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                .isEqualTo(204);
        assertThat(edge.post("/x", "3").statusCode()).isEqualTo(204);
        assertThat(edge.got).extracting(got -> new String(got.body(), UTF_8)).containsExactly("1", "3");
    }

    @Test
    void aRouteMayTakeLongerThanAConnectionMayBeIdle() throws Exception {
        edge.limits(100, 100);
        Held held = new Held();
        serve("ingress:x", held);

        CompletableFuture<HttpResponse<String>> slow = postAsync("/x", "1");
        await().until(() -> held.waiting.size() == 1);
        for (int i = 0; i < 5; i++) {
            assertThat(edge.raw("")).isEmpty(); // closed because it was idle
        }
        held.release();

        assertThat(slow.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                .isEqualTo(204);
    }

    @Test
    void aSuspendedRouteAsksForARetryUntilItIsResumed() throws Exception {
        serve("ingress:x", edge::record);

        edge.context.getRouteController().suspendRoute("r");
        HttpResponse<String> suspended = edge.post("/x", "1");
        edge.context.getRouteController().resumeRoute("r");

        assertProblem(suspended, 503);
        assertThat(suspended.headers().firstValue("Retry-After")).isPresent();
        assertThat(edge.post("/x", "2").statusCode()).isEqualTo(204);
        assertThat(edge.got).hasSize(1);
    }

    @Test
    void aStoppedRouteIsNotFoundUntilItIsStarted() throws Exception {
        serve("ingress:x", edge::record);

        edge.context.getRouteController().stopRoute("r");
        assertProblem(edge.post("/x", "1"), 404);
        edge.context.getRouteController().startRoute("r");
        assertThat(edge.post("/x", "2").statusCode()).isEqualTo(204);
    }

    @Test
    void stoppingFinishesAcceptedRequestsAndRefusesNewOnes() throws Exception {
        Held held = new Held();
        serve("ingress:x", held);

        CompletableFuture<HttpResponse<String>> taken = postAsync("/x", "1");
        await().until(() -> held.waiting.size() == 1);
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(edge.context::stop);
        IngressConsumer consumer = (IngressConsumer) edge.context.getRoute("r").getConsumer();
        await().until(() -> consumer.isSuspendingOrSuspended() || !consumer.isRunAllowed());
        assertThat(stopping).isNotDone();
        assertProblem(edge.post("/x", "3"), 503);
        held.release();

        assertThat(taken.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                .isEqualTo(204);
        stopping.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS);
        assertThatThrownBy(() -> edge.post("/x", "4")).isInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void requestsWaitingForAWorkerAreFinishedWhenStopping() throws Exception {
        edge.ingress.setWorkers(1);
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        serve("ingress:x", exchange -> {
            inside.countDown();
            assertThat(gate.await(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            edge.record(exchange);
        });
        IngressConsumer consumer = (IngressConsumer) edge.context.getRoute("r").getConsumer();

        List<CompletableFuture<HttpResponse<String>>> taken =
                List.of(postAsync("/x", "1"), postAsync("/x", "2"), postAsync("/x", "3"));
        inside.await();
        await().until(() -> consumer.getPendingExchangesSize() == 2);
        CompletableFuture<Void> stopping = CompletableFuture.runAsync(edge.context::stop);
        await().until(consumer::isSuspended);
        gate.countDown();

        for (CompletableFuture<HttpResponse<String>> answer : taken) {
            assertThat(answer.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS).statusCode())
                    .isEqualTo(204);
        }
        stopping.get(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void serve(String uri, Processor processor) throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from(uri).routeId("r").process(processor);
            }
        });
    }

    private CompletableFuture<HttpResponse<String>> postAsync(String path, String body) {
        return edge.client.sendAsync(
                edge.to(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    /** Posts without Content-Length. */
    private HttpResponse<String> stream(String path, int length) throws Exception {
        byte[] body = "a".repeat(length).getBytes(StandardCharsets.US_ASCII);
        return edge.send(edge.to(path).POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))));
    }

    private static void assertProblem(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(answer.body())
                .startsWith("{\"type\":\"about:blank\",\"title\":\"")
                .contains("\"status\":" + status + ",\"detail\":\"");
    }

    /** Accepts exchanges and completes them later on another thread, as the ledger does. */
    private static final class Held extends AsyncProcessorSupport {

        final Queue<AsyncCallback> waiting = new ConcurrentLinkedQueue<>();

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            waiting.add(callback);
            return false;
        }

        void release() {
            for (AsyncCallback callback = waiting.poll(); callback != null; callback = waiting.poll()) {
                callback.done(false);
            }
        }
    }
}
