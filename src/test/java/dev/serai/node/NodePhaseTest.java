package dev.serai.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.cli.Cli;
import dev.serai.store.JdbcStore;
import dev.serai.support.Patience;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node says of itself before its routes run, and when they are about to end. */
class NodePhaseTest {
    /** Of the starts and stops of the step: each waits for its latch. */
    private static final BlockingQueue<CountDownLatch> HELD = new LinkedBlockingQueue<>();

    private static volatile boolean released;

    private static final String ROUTES = """
            - beans:
                - name: held
                  type: "#class:%s"
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /orders, scheme: none }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { key: "${jq(.id)}" } }
            - route:
                id: orders-out
                from:
                  uri: ledger:orders
                  parameters: { target: erp }
                  steps:
                    - process: { ref: held }
            """.formatted(HeldStep.class.getName());

    @TempDir
    private Path folder;

    /** A step whose route starts and stops only when the test lets it. */
    public static final class HeldStep extends ServiceSupport implements Processor {
        @Override
        public void process(Exchange exchange) {}

        @Override
        protected void doStart() throws Exception {
            hold();
        }

        @Override
        protected void doStop() throws Exception {
            hold();
        }

        private static void hold() throws InterruptedException {
            CountDownLatch latch = new CountDownLatch(released ? 0 : 1);
            HELD.add(latch);
            latch.await(Patience.MAX.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void aNodeIsNeitherOkNorReadyBeforeItsRoutesRunAndWhenItStops() throws Exception {
        Path file = Files.writeString(folder.resolve("orders.camel.yaml"), ROUTES);
        Path data = folder.resolve("data");
        RunOptions options = new RunOptions(
                List.of(file.toString()),
                List.of(),
                null,
                data,
                Map.of("serai.http.port", "0", "serai.admin.port", "0"));
        Node node = new Node(options, Settings.load(options, Map.of()));
        CompletableFuture<Void> stop = null;
        try {
            CompletableFuture<Void> start = inBackground(node::start);
            CountDownLatch starting = next();
            assertThat(said(node, data))
                    .startsWith("1: the node is starting: not all of its routes run yet")
                    .contains("loaded until now");
            assertThat(ready(node).statusCode()).isEqualTo(503);
            assertThat(ready(node).body()).contains("the node is starting");

            starting.countDown();
            start.get(Patience.MAX.toSeconds(), TimeUnit.SECONDS);
            assertThat(said(node, data)).startsWith("0: all ok");
            assertThat(ready(node).statusCode()).isEqualTo(200);

            stop = inBackground(node::close);
            CountDownLatch stopping = next();
            assertThat(said(node, data)).startsWith("1: the node is stopping: it takes nothing new");
            assertThat(ready(node).body()).contains("the node is stopping");
            stopping.countDown();
            stop.get(Patience.MAX.toSeconds(), TimeUnit.SECONDS);
            try (JdbcStore ledger = JdbcStore.open(data.resolve("ledger.db"))) {
                assertThat(ledger.cursor("serai:rhythm:push:orders-in"))
                        .as("what it learned of its sources")
                        .isPresent();
            }
        } finally {
            released = true;
            HELD.forEach(CountDownLatch::countDown);
            if (stop == null) {
                node.close();
            }
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> inBackground(Work work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                work.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static CountDownLatch next() throws InterruptedException {
        CountDownLatch latch = HELD.poll(Patience.MAX.toSeconds(), TimeUnit.SECONDS);
        assertThat(latch).isNotNull();
        return latch;
    }

    /** The exit code of {@code status}, and what it prints. */
    private static String said(Node node, Path data) {
        StringWriter out = new StringWriter();
        int code = Cli.execute(
                new PrintWriter(out),
                new PrintWriter(out),
                "status",
                "--url",
                node.adminUrl(),
                "--data",
                data.toString());
        return code + ": " + out;
    }

    private static HttpResponse<String> ready(Node node) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.adminUrl() + "/observe/health/ready"))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }
}
