package dev.serai.camel.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.CapturedLog;
import dev.serai.support.RefusingPort;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.net.http.HttpResponse;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Who is to blame for a push that fails, and what its sender learns. */
class RouteFaultTest {
    @AutoClose
    private final Edge edge = new Edge();

    @AutoClose
    private final RemoteSide other = new RemoteSide(asked -> Answer.json("{\"customer\":\"of another\"}"));

    @AutoClose
    private final RefusingPort nobody = new RefusingPort();

    @Test
    void aStepThatFailsOnAReadableBodyIsTheRoutesFault() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:typo").setHeader("key").jq(".a | nosuch");
                from("ingress:number").setHeader("key").jq(".a | tonumber");
                from("ingress:inner").setBody(constant("{\"b\":")).unmarshal().json();
            }
        });

        for (String path : new String[] {"/typo", "/number", "/inner"}) {
            assertThat(edge.post(path, "{\"a\":\"x\"}").statusCode()).as(path).isEqualTo(500);
            assertThat(edge.post(path, "{\"a\":").statusCode()).as(path).isEqualTo(400);
        }
    }

    @Test
    void aFaultIsToldOnceWithRouteStepAndReason() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:typo").routeId("orders-in").setHeader("key").jq(".a | nosuch");
            }
        });

        try (var log = new CapturedLog()) {
            String first = edge.post("/typo", "{}").body();
            assertThat(edge.post("/typo", "{}").body()).doesNotContain("nosuch");

            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("ERROR Error "))
                    .singleElement()
                    .satisfies(line -> {
                        assertThat(line)
                                .contains("orders-in")
                                .contains("setHeader")
                                .contains("nosuch");
                        assertThat(first).contains(line.replaceFirst(".*Error (\\S+):.*", "$1"));
                    });
        }
    }

    @Test
    void whileAStepCannotReachItsSystemTheSenderIsAskedToSendAgain() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:away").routeId("orders-in").to("http://127.0.0.1:" + nobody.number() + "/customer");
            }
        });

        try (var log = new CapturedLog()) {
            HttpResponse<String> answer = edge.post("/away", "{}");

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(log.lines()).anyMatch(line -> line.contains("orders-in") && line.contains("answered 503"));
        }
    }

    @Test
    void whatAnotherServerAnswersIsNotTheAnswer() throws Exception {
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:to").to(other.url("/customer"));
                from("ingress:toD").toD(other.url("/customer") + "?a=${header.none}");
                from("ingress:enrich").enrich(other.url("/customer"));
                from("ingress:failing")
                        .to(other.url("/customer"))
                        .throwException(new IllegalStateException("of another"));
                from("ingress:own")
                        .to(other.url("/customer"))
                        .setHeader(Exchange.HTTP_RESPONSE_CODE, constant(201))
                        .setBody(constant("mine"));
            }
        });

        for (String path : new String[] {"/to", "/toD", "/enrich"}) {
            HttpResponse<String> answer = edge.post(path, "{}");
            assertThat(answer.statusCode()).as(path).isEqualTo(204);
            assertThat(answer.body()).as(path).isEmpty();
        }
        assertThat(edge.post("/failing", "{}").body()).doesNotContain("of another");
        HttpResponse<String> own = edge.post("/own", "{}");
        assertThat(own.statusCode()).isEqualTo(201);
        assertThat(own.body()).isEqualTo("mine");
        assertThat(other.asked).hasSize(5);
    }
}
