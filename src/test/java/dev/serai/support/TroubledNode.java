package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.cli.Cli;
import dev.serai.support.RemoteSide.Answer;
import dev.serai.support.RemoteSide.Asked;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A node with one target in each state: {@code shop} is ok, {@code erp} down, {@code crm} failing, {@code stock} blocked, {@code
 * archive} slow and {@code books} paused; with a pull that is refused, and a push source that refused something. Half of the
 * changes have a hostile key, one an error of that kind.
 */
public final class TroubledNode implements AutoCloseable {
    /** Markup, a quote, and a character that turns the direction of text. */
    public static final String HOSTILE_KEY = "<img src=x onerror=\"document.title='owned'\">\u202e'k";

    public static final String HOSTILE_ERROR = "<script>document.title='owned'</script>";
    public static final int CHANGES = 12;

    private static final String IN = """
            - route:
                id: orders-in
                from:
                  uri: kamelet:webhook-source
                  parameters: { path: /in/orders }
                  steps:
                    - to: { uri: "ledger:orders", parameters: { id: "${jq(.id)}", key: "${jq(.key)}" } }
            - route:
                id: bills-in
                from:
                  uri: kamelet:http-pull-source
                  parameters: { name: bills, interval: 1s, url: "{{remote.url}}/bills", records: . }
                  steps:
                    - to: { uri: "ledger:bills", parameters: { key: "${jq(.id)}" } }
            """;

    /** Tells of no record of {@code shop}. */
    private static final String RECONCILE = """
            flow: orders
            target: shop
            lag: 0s
            read: { url: "{{remote.url}}/records/{key}" }
            """;

    private final HttpClient http = HttpClient.newHttpClient();
    private final CountDownLatch end = new CountDownLatch(1);
    private final RemoteSide remote = new RemoteSide(this::answer);
    private final Path folder;
    private final SeraiProcess serai;

    /** What a command printed, and its exit code. */
    public record Said(int exitCode, String out, String err) {}

    public TroubledNode(Path folder) throws Exception {
        this.folder = folder;
        StringBuilder routes = new StringBuilder(IN);
        routes.append(target("shop", "")).append(target("erp", "")).append(target("books", ""));
        routes.append(target("crm", ", maximumRedeliveries: 0"));
        routes.append(target("stock", ", redeliveryDelay: 1h, maximumRedeliveryDelay: 1h"));
        routes.append(target("archive", ", concurrency: 1"));
        Files.writeString(folder.resolve("trouble.reconcile.yaml"), RECONCILE);
        this.serai = SeraiProcess.run(
                folder,
                Files.writeString(folder.resolve("trouble.camel.yaml"), routes),
                Map.of("remote.url", remote.url("")));
        say("targets", "pause", "orders/books", "--reason", "maintenance until 14:00");
        for (int i = 1; i <= CHANGES; i++) {
            String key = i % 2 == 0 ? "even" : HOSTILE_KEY.replace("\"", "\\\"");
            push("{\"id\":\"e" + i + "\",\"key\":\"" + key + "\",\"n\":12345678901234567890.10}", 202);
        }
        push("not JSON", 400);
    }

    private static String target(String name, String options) {
        return """
                - route:
                    id: orders-%1$s
                    from:
                      uri: ledger:orders
                      parameters: { target: %1$s, startFrom: earliest%2$s }
                      steps:
                        - to: { uri: "kamelet:http-sink", parameters: { url: "{{remote.url}}/%1$s", timeout: 10m } }
                """.formatted(name, options);
    }

    private Answer answer(Asked asked) {
        return switch (asked.path()) {
            case "/erp" -> new Answer(503, Map.of(), "down for maintenance");
            case "/crm" ->
                new Answer(
                        422,
                        Map.of(),
                        "e1".equals(asked.headers().get("idempotency-key")) ? HOSTILE_ERROR : "unknown sku");
            case "/stock" ->
                "even".equals(asked.headers().get("serai-key"))
                        ? new Answer(500, Map.of(), "no stock")
                        : Answer.json("{}");
            case "/archive" -> slowly();
            case "/bills" -> new Answer(401, Map.of(), "token expired");
            default -> asked.path().startsWith("/records/") ? new Answer(404, Map.of(), "") : Answer.json("{}");
        };
    }

    /** Answers when the node is closed. */
    private Answer slowly() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Answer.json("{}");
    }

    /** Sends a change to {@code orders}. */
    public void push(String body, int status) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(serai.flowsUrl() + "/in/orders"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(status);
    }

    /** Runs a command against the node. */
    public Said say(String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.addAll(
                List.of("--url", adminUrl(), "--token-file", tokenFile().toString()));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = Cli.execute(new PrintWriter(out), new PrintWriter(err), arguments.toArray(String[]::new));
        return new Said(exitCode, out.toString(), err.toString());
    }

    public String adminUrl() {
        return serai.adminUrl();
    }

    public String token() throws Exception {
        return Files.readString(tokenFile()).strip();
    }

    private Path tokenFile() {
        return folder.resolve("data/admin.token");
    }

    @Override
    public void close() {
        end.countDown();
        serai.close();
        remote.close();
    }
}
