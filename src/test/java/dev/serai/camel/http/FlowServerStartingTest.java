package dev.serai.camel.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.camel.LeanCamelContext;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

class FlowServerStartingTest {

    /** A platform may give up a webhook permanently after a 404. */
    @Test
    void untilTheRoutesAreStartedSendersAreAskedToRetry() throws Exception {
        try (DefaultCamelContext context = new LeanCamelContext(true)) {
            FlowServer server = FlowServer.start(context, FlowServerSettings.of("127.0.0.1", 0));

            HttpResponse<String> starting = get(server);
            assertThat(starting.statusCode()).isEqualTo(503);
            assertThat(starting.headers().firstValue("Retry-After")).contains("1");

            try (FlowServer.Replacement routes = server.starting()) {
                context.start();
                assertThat(get(server).statusCode()).isEqualTo(503);
            }
            assertThat(get(server).statusCode()).isEqualTo(404);
        }
    }

    private HttpResponse<String> get(FlowServer server) throws Exception {
        URI address = URI.create("http://127.0.0.1:" + server.port() + "/hooks/orders");
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
    }
}
