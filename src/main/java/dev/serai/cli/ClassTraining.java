package dev.serai.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.serai.cli.client.ExitCode;
import dev.serai.node.Preload;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs a small node in the empty folder that is its argument, sends it a few changes, and gives a few commands, so that Java can record the classes that these load. The
 * launcher starts it and keeps the record for later starts.
 *
 * <p>Ends the process, with 0 only if every change was delivered.
 *
 * <p>See: docs/decisions/014-class-data-sharing.md
 */
public final class ClassTraining {
    private static final int CHANGES = 20;
    private static final int SECONDS_MAX = 120;
    /** Kept by the launcher too, since the driver would unpack it at each start. */
    private static final String SQLITE_LIBRARY = "sqlite-library";

    private static final Pattern READY = Pattern.compile("serai ready .* flows (http://\\S+) · console (http://\\S+)");

    private final Path folder;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final CountDownLatch delivered = new CountDownLatch(CHANGES);

    private ClassTraining(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] args) {
        PrintStream err = System.err;
        ClassTraining training = new ClassTraining(Path.of(args[0]).toAbsolutePath());
        try {
            training.run();
        } catch (Exception | Error e) {
            err.println("serai: the training failed: " + e + "\n" + training.output.toString(StandardCharsets.UTF_8));
            Runtime.getRuntime().halt(1);
        }
        System.exit(0);
    }

    private void run() throws Exception {
        Preload.copySqliteLibrary(folder.resolve(SQLITE_LIBRARY));
        HttpServer target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.createContext("/", this::answer);
        target.start();
        startNode("http://127.0.0.1:" + target.getAddress().getPort() + "/target");
        Matcher ready = ready();
        HttpClient http = HttpClient.newHttpClient();
        for (int i = 0; i < CHANGES; i++) {
            send(http, ready.group(1) + "/training", "{\"id\": \"" + i + "\", \"key\": \"k\", \"version\": " + i + "}");
        }
        if (!delivered.await(SECONDS_MAX, TimeUnit.SECONDS)) {
            throw new TimeoutException(delivered.getCount() + " changes were not delivered");
        }
        command("status", "--url", ready.group(2), "--token-file", token(), "--config", config());
        // Some of these find nothing, which is an answer too.
        for (String asked : List.of("trace k", "stuck", "dead list", "log", "targets list")) {
            List<String> words = new ArrayList<>(List.of(asked.split(" ")));
            words.addAll(List.of("--url", ready.group(2), "--token-file", token(), "--config", config()));
            execute(words.toArray(String[]::new));
        }
        command("doc", "webhook-source");
        Path body = Files.writeString(folder.resolve("body"), "{\"id\": \"sent\", \"key\": \"k\", \"version\": 100}");
        String routes = folder + "/training.camel.*";
        command("send", "training", body.toString(), "--routes", routes, "--config", config(), "--url", ready.group(1));
    }

    /** One of those that are typed again and again, each of which is a start of Java. */
    private static void command(String... arguments) throws IOException {
        int exitCode = execute(arguments);
        if (exitCode != ExitCode.DONE) {
            throw new IOException(arguments[0] + " ended with " + exitCode);
        }
    }

    private void startNode(String url) throws IOException {
        PrintStream captured = new PrintStream(output, true, StandardCharsets.UTF_8);
        System.setOut(captured);
        System.setErr(captured);
        copy("training.camel.yaml");
        copy("training.camel.xml");
        // Nothing of the user's own configuration.
        Files.writeString(Path.of(config()), """
                camel.beans.training=#class:com.zaxxer.hikari.HikariDataSource
                camel.beans.training.jdbcUrl=jdbc:sqlite:{{training.folder}}/training.db
                camel.beans.training.connectionInitSql=CREATE TABLE IF NOT EXISTS training (key TEXT PRIMARY KEY, version INTEGER)
                """);
        List<String> arguments = new ArrayList<>(List.of("run", "--config", config(), "--data", folder + "/data"));
        arguments.addAll(List.of("--routes", folder + "/training.camel.*"));
        List<String> properties = List.of(
                // Here, since the environment beats the file.
                "serai.http.host=127.0.0.1",
                "serai.admin.host=127.0.0.1",
                "serai.http.port=0",
                "serai.admin.port=0",
                "serai.admin.tokenFile=" + token(),
                "training.folder=" + folder,
                "training.url=" + url);
        properties.forEach(property -> arguments.addAll(List.of("-p", property)));
        Thread node = new Thread(() -> execute(arguments.toArray(String[]::new)), "node");
        node.setDaemon(true);
        node.start();
    }

    private static int execute(String... arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        return Invocation.execute(out, out, arguments);
    }

    private Matcher ready() throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (System.nanoTime() < end) {
            Matcher ready = READY.matcher(output.toString(StandardCharsets.UTF_8));
            if (ready.find()) {
                return ready;
            }
            Thread.sleep(20);
        }
        throw new TimeoutException("the node was not ready in " + SECONDS_MAX + " s");
    }

    private static void send(HttpClient http, String url, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        if (status / 100 != 2) {
            throw new IOException(url + " answered " + status);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            boolean push = exchange.getRequestMethod().equals("POST");
            exchange.getRequestBody().readAllBytes();
            byte[] body = "{\"records\": [{\"key\": \"k\", \"version\": 1}]}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            if (push) {
                delivered.countDown();
            }
        }
    }

    private String config() {
        return folder + "/application.properties";
    }

    private String token() {
        return folder + "/admin.token";
    }

    private void copy(String resource) throws IOException {
        try (InputStream in = ClassTraining.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException(resource + " is missing on the class path");
            }
            Files.copy(in, folder.resolve(resource));
        }
    }
}
