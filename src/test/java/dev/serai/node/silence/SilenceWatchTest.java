package dev.serai.node.silence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.serai.camel.SourceRegistry;
import dev.serai.camel.SourceReport;
import dev.serai.camel.SourceState;
import dev.serai.ledger.VirtualTime;
import dev.serai.ledger.model.Cursor;
import dev.serai.rhythm.SourceMemory;
import dev.serai.support.CapturedLog;
import dev.serai.support.KameletRunner;
import dev.serai.support.RemoteSide;
import dev.serai.support.RemoteSide.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.quartz.QuartzEndpoint;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quartz.SimpleTrigger;

class SilenceWatchTest {
    private static final String ROUTES = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /orders, scheme: none }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}", version: "${jq(.at)}" } }
            - route:
                id: orders-pull
                from:
                  uri: kamelet:http-pull-source
                  parameters: { interval: "{{interval}}", records: .items, url: "{{remote}}/orders" }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { batch: true, key: "${jq(.id)}", version: "${jq(.at)}" } }
            """;
    private static final Duration PAUSE = Duration.ofSeconds(40);

    @TempDir
    private Path data;

    private final VirtualTime time = new VirtualTime();
    private volatile String items = "{\"id\":\"of-before\",\"at\":1}";
    private volatile boolean isBroken;

    @AutoClose
    private final RemoteSide remote =
            new RemoteSide(asked -> isBroken ? Answer.status(500) : Answer.json("{\"items\":[" + items + "]}"));

    @AutoClose
    private final KameletRunner runner = KameletRunner.listening(() -> data);

    private SilenceWatch watch;

    /** With the rhythms of an earlier run. */
    private void start(String interval) throws Exception {
        save("push:orders-in", PAUSE);
        save("pull:orders-pull", PAUSE);
        runner.context.getRegistry().bind("virtualTime", time);
        runner.with(ROUTES, Map.of("remote", remote.url(""), "interval", interval))
                .start();
        watch = new SilenceWatch(runner.context, runner.ledger());
        watch.look();
    }

    /** What a source with equal pauses has learned in nine days. */
    private void save(String source, Duration pause) throws Exception {
        SourceMemory memory = SourceMemory.none(ZoneId.systemDefault());
        Instant end = time.instant();
        Duration length = Duration.ofDays(9);
        for (Duration at = Duration.ZERO; at.compareTo(length) <= 0; at = at.plus(pause)) {
            memory.rhythm().came(end.minus(length).plus(at), at.toMillis());
        }
        runner.ledger()
                .saveCursor(new Cursor("serai:rhythm:" + source, memory.text(), end))
                .get(10, TimeUnit.SECONDS);
    }

    private void push(String id) throws Exception {
        byte[] body = "{\"id\":\"%s\",\"at\":1}".formatted(id).getBytes(UTF_8);
        assertThat(runner.post("/orders", body, Map.of()).statusCode()).isEqualTo(202);
    }

    private SourceReport report(String name) {
        return SourceRegistry.of(runner.context).reports().stream()
                .filter(report -> report.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private long pullInterval() throws Exception {
        QuartzEndpoint endpoint = runner.context.getRoutes().stream()
                .filter(route -> route.getEndpoint() instanceof QuartzEndpoint)
                .map(route -> (QuartzEndpoint) route.getEndpoint())
                .findFirst()
                .orElseThrow();
        return ((SimpleTrigger) endpoint.getComponent().getScheduler().getTrigger(endpoint.getTriggerKey()))
                .getRepeatInterval();
    }

    private void awaitPull() {
        long runs = report("orders-pull").runs();
        await().until(() -> report("orders-pull").runs() > runs);
    }

    @Test
    void aSourceThatFallsSilentIsShownAndItsPullRunsMoreOftenUntilItPushesAgain() throws Exception {
        start("4s");
        push("a");
        await().until(() -> report("orders-pull").flows().equals(List.of("orders")));
        Instant last = time.instant();
        time.advance(Duration.ofSeconds(100));
        watch.look();
        assertThat(report("orders-in").state()).isEqualTo(SourceState.OK);
        assertThat(report("orders-in").usualPause()).isEqualTo(PAUSE);
        assertThat(pullInterval()).isEqualTo(4_000);

        try (CapturedLog log = new CapturedLog(SilenceWatch.class)) {
            time.advance(Duration.ofSeconds(30));
            watch.look();
            watch.look();

            SourceReport silent = report("orders-in");
            assertThat(silent.state()).isEqualTo(SourceState.SILENT);
            assertThat(silent.since()).isEqualTo(last);
            assertThat(silent.reason())
                    .isEqualTo("no push was accepted since " + last
                            + "; at this hour of the week the usual pause is 40 s");
            assertThat(log.lines()).containsExactly("WARN The source orders-in is silent: " + silent.reason());
            assertThat(pullInterval()).isEqualTo(1_000);
            awaitPull();
            awaitPull();

            push("b");
            watch.look();
            assertThat(report("orders-in").state()).isEqualTo(SourceState.OK);
            assertThat(log.lines())
                    .hasSize(2)
                    .last()
                    .isEqualTo("INFO The source orders-in is not silent any more, after 2 min");
            assertThat(pullInterval()).isEqualTo(4_000);
            awaitPull();
        }
    }

    @Test
    void aPullThatFailsKeepsItsPace() throws Exception {
        start("4s");
        push("a");
        await().until(() -> report("orders-pull").flows().equals(List.of("orders")));
        isBroken = true;
        await().until(() -> report("orders-pull").state() == SourceState.FAILING);
        time.advance(Duration.ofMinutes(5));
        watch.look();
        assertThat(report("orders-in").state()).isEqualTo(SourceState.SILENT);
        assertThat(pullInterval()).isEqualTo(4_000);

        isBroken = false;
        await().until(() -> report("orders-pull").state() == SourceState.OK);
        watch.look();
        assertThat(pullInterval()).isEqualTo(1_000);
    }

    @Test
    void theShareOfChangesThatWereNeverPushedIsCountedAndKept() throws Exception {
        start("200ms");
        push("a");
        await().until(() -> report("orders-pull").accepted() == 1);
        awaitPull();
        watch.look();
        assertThat(report("orders-in").missedShare())
                .as("what the first run found")
                .isZero();
        push("b");
        push("c");
        items = "{\"id\":\"b\",\"at\":1},{\"id\":\"lost\",\"at\":1}";
        await().until(() -> report("orders-pull").accepted() == 2);

        watch.look();

        assertThat(report("orders-in").missedShare()).isBetween(0.2, 0.4);
        watch.close();
        SilenceWatch next = new SilenceWatch(runner.context, runner.ledger());
        next.look();
        assertThat(report("orders-in").missedShare()).isBetween(0.2, 0.4);
        next.close();
    }

    @Test
    void aPullThatBacksUpAPushHasNoRhythmOfItsOwn() throws Exception {
        start("200ms");
        assertThat(report("orders-pull").usualPause())
                .as("while nothing is pushed")
                .isEqualTo(PAUSE);
        push("a");
        await().until(() -> report("orders-pull").flows().equals(List.of("orders")));

        watch.look();

        assertThat(report("orders-pull").usualPause()).isNull();
        assertThat(report("orders-in").usualPause()).isEqualTo(PAUSE);
    }

    @Test
    void aSourceWithoutHistoryIsNeverSilent() throws Exception {
        start("200ms");
        runner.with("""
                - route:
                    id: new-in
                    from:
                      uri: kamelet:webhook-source
                      parameters: { path: /new, scheme: none }
                      steps:
                        - to: { uri: "ledger:new", parameters: { key: "${jq(.id)}" } }
                """, Map.of());
        watch.look();
        time.advance(Duration.ofDays(30));
        watch.look();

        assertThat(report("new-in").state()).isEqualTo(SourceState.OK);
        assertThat(report("new-in").usualPause()).isNull();
        assertThat(report("orders-in").state()).isEqualTo(SourceState.SILENT);
        assertThat(report("orders-in").reason()).startsWith("no push was accepted since the watch began at ");
    }

    @Test
    void whatCannotBeReadIsLearnedAnew() throws Exception {
        start("200ms");
        runner.ledger()
                .saveCursor(new Cursor("serai:rhythm:push:orders-in", "rhythm 0\nof another program", time.instant()))
                .get(10, TimeUnit.SECONDS);
        SilenceWatch next = new SilenceWatch(runner.context, runner.ledger());

        next.look();

        assertThat(report("orders-in").usualPause()).isNull();
        next.close();
        assertThat(runner.ledger()
                        .cursor("serai:rhythm:push:orders-in")
                        .orElseThrow()
                        .value())
                .isNotEqualTo("rhythm 0\nof another program");
    }
}
