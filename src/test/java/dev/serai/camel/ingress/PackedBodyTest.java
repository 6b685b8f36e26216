package dev.serai.camel.ingress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureSchemeRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies that came compressed. */
class PackedBodyTest {
    /** A test key. Do not use it elsewhere. */
    private static final String SECRET = "test-only-secret-0000001";

    private static final int LIMIT = 100_000;

    @AutoClose
    private final Edge edge = new Edge();

    @BeforeEach
    void start() throws Exception {
        edge.ingress.setMaxBodyBytes(LIMIT);
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:x?scheme=hmac")
                        .to("signature:hmac?secret=" + SECRET)
                        .process(edge::record);
                from("ingress:open").process(edge::record);
            }
        });
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(body);
        }
        return packed.toByteArray();
    }

    private static Map<String, String> signed(byte[] bytes) {
        return SignatureSchemeRegistry.create("hmac", SchemeOptions.secret(SECRET))
                .sign(bytes, "x", Instant.now());
    }

    private HttpResponse<String> post(String path, byte[] body, String encoding, Map<String, String> headers)
            throws Exception {
        var request = edge.to(path).header("Content-Encoding", encoding).POST(BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return edge.send(request);
    }

    @Test
    void aSignatureOverWhatItHoldsAndOneOverWhatWasSentAreBothAccepted() throws Exception {
        byte[] body = "{\"id\":1}".getBytes(UTF_8);
        byte[] packed = gzip(body);

        assertThat(post("/x", packed, "gzip", signed(body)).statusCode()).isEqualTo(204);
        assertThat(post("/x", packed, "x-gzip", signed(packed)).statusCode()).isEqualTo(204);
        assertThat(post("/x", packed, "gzip", signed(new byte[1])).statusCode()).isEqualTo(401);

        assertThat(edge.got).hasSize(2).allSatisfy(got -> assertThat(got.body()).isEqualTo(body));
    }

    @Test
    void theLimitIsOnWhatItHolds() throws Exception {
        assertThat(post("/open", gzip(new byte[LIMIT]), "gzip", Map.of()).statusCode())
                .isEqualTo(204);
        assertThat(edge.got.get(0).body()).hasSize(LIMIT);
        assertThat(post("/open", gzip(new byte[LIMIT + 1]), "gzip", Map.of()).statusCode())
                .isEqualTo(413);
        assertThat(post("/open", gzip(new byte[0]), "gzip", Map.of()).statusCode())
                .isEqualTo(204);
        assertThat(edge.got).hasSize(2);
    }

    @Test
    void whatIsNotGzipIsRefused() throws Exception {
        byte[] cut = gzip("some text".getBytes(UTF_8));

        assertThat(post("/open", "x".getBytes(UTF_8), "gzip", Map.of()).statusCode())
                .isEqualTo(400);
        assertThat(post("/open", Arrays.copyOf(cut, cut.length - 9), "gzip", Map.of())
                        .statusCode())
                .isEqualTo(400);
        HttpResponse<String> unknown = post("/open", "x".getBytes(UTF_8), "br", Map.of());
        assertThat(unknown.statusCode()).isEqualTo(415);
        assertThat(unknown.headers().firstValue("Accept-Encoding")).contains("gzip, identity");
        assertThat(edge.got).isEmpty();
    }
}
