package dev.serai.camel.ingress;

import dev.serai.camel.LeanCamelContext;
import dev.serai.camel.http.CalledStatus;
import dev.serai.camel.http.FailedStep;
import dev.serai.camel.http.FlowServer;
import dev.serai.camel.http.FlowServerSettings;
import dev.serai.camel.http.RequestHeaders;
import dev.serai.http.TrustedProxies;
import dev.serai.support.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;

/** A running context with a flow server on a free port, and ways to talk to it. */
public final class Edge implements AutoCloseable {

    /** A message that a route received, copied on arrival. */
    public record Got(byte[] body, java.util.Map<String, Object> headers) {}

    public final DefaultCamelContext context = new LeanCamelContext(true);
    final IngressComponent ingress = context.getComponent("ingress", IngressComponent.class);
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    public final List<Got> got = new CopyOnWriteArrayList<>();
    public FlowServerSettings settings = FlowServerSettings.of("127.0.0.1", 0);
    private FlowServer server;

    public Edge start(RouteBuilder routes) throws Exception {
        server = FlowServer.start(context, settings);
        context.getCamelContextExtension().addInterceptStrategy(new CalledStatus());
        DefaultErrorHandlerDefinition errors = new DefaultErrorHandlerDefinition();
        FailedStep.noteIn(errors);
        context.getCamelContextExtension().setErrorHandlerFactory(errors);
        context.addRoutePolicyFactory(new RequestHeaders());
        context.addRoutes(routes);
        context.start();
        return this;
    }

    void limits(long headMillis, long idleMillis) {
        settings = limited(headMillis, idleMillis);
    }

    /** Settings with which a server waits for a peer no longer than this. */
    public static FlowServerSettings limited(long headMillis, long idleMillis) {
        return new FlowServerSettings(
                "127.0.0.1",
                0,
                1 << 20,
                Duration.ofMillis(headMillis),
                Duration.ofMillis(idleMillis),
                null,
                TrustedProxies.NONE);
    }

    public int port() {
        return server.port();
    }

    public void record(Exchange exchange) {
        got.add(new Got(
                exchange.getIn().getBody(byte[].class),
                new java.util.TreeMap<>(exchange.getIn().getHeaders())));
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Patience.MAX);
    }

    HttpResponse<String> post(String path, String body) throws Exception {
        return send(to(path).POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", port());
        socket.setSoTimeout(Patience.MAX_MILLIS);
        return socket;
    }

    /** Sends the text unchanged and returns all bytes that the server sends until it closes the connection. */
    String raw(String text) throws IOException {
        try (Socket socket = connect()) {
            write(socket, text);
            return readAll(socket);
        }
    }

    static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** Reads until the text arrives; fails at the end of the stream. */
    static String readUntil(Socket socket, String text) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int c = in.read();
            if (c < 0) {
                throw new IOException("the connection ended after: " + read);
            }
            read.append((char) c);
        }
        return read.toString();
    }

    @Override
    public void close() {
        context.stop();
    }
}
