package dev.serai.camel.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.CapturedLog;
import dev.serai.support.RequestFuzz;
import java.util.List;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Mutated requests to the flows' port; -Dserai.fuzz.requests sends more of them. */
class IngressFuzzTest {
    private static final String END = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
    private static final String FORM = "Content-Type: application/x-www-form-urlencoded\r\n";
    private static final String MULTIPART = "Content-Type: multipart/form-data; boundary=b\r\n";
    private static final String PART = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--b--\r\n";

    @AutoClose
    private final Edge edge = new Edge();

    @Test
    void noMutatedRequestIsTheServersFault() throws Exception {
        edge.limits(200, 200);
        edge.start(new RouteBuilder() {
            @Override
            public void configure() {
                from("ingress:ours?bodyTimeout=200&methods=GET,POST").setBody(constant("done"));
                from("platform-http:/theirs").setBody(constant("done"));
            }
        });

        try (CapturedLog log = new CapturedLog()) {
            List<String> requests = List.of(
                    "GET /ours?a=b%20c" + END + "\r\n",
                    "POST /ours" + END + "Content-Length: 9\r\n\r\n{\"a\": 1 }",
                    "POST /ours" + END + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                    "GET /theirs/x?a=b%20c" + END + "Cookie: a=b\r\n\r\n",
                    "POST /theirs" + END + FORM + "Content-Length: 7\r\n\r\na=b&c=d",
                    "POST /theirs" + END + MULTIPART + "Content-Length: 65\r\n\r\n" + PART);
            assertThat(new RequestFuzz().failures(edge.port(), requests)).isEmpty();
            assertThat(log.lines()).noneMatch(line -> line.startsWith("ERROR"));
        }
        assertThat(edge.post("/ours", "{}").statusCode()).isBetween(200, 299);
    }
}
