package dev.serai.cli.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.FlowsAddress;
import dev.serai.cli.client.LimitedBody;
import dev.serai.signature.Envelope;
import dev.serai.signature.SignatureScheme;
import dev.serai.text.HttpText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import javax.net.ssl.SSLException;

/** Pushes bodies to one path, signed anew each time. */
final class HttpPush {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    /** Longer than a flow in sync mode takes. */
    private static final Duration ANSWER_MAX = Duration.ofMinutes(5);

    private static final long ANSWER_BYTES_MAX = 4 << 20;

    private final HttpClient http;
    private final URI address;
    private final SignatureScheme scheme;
    private final Map<String, String> headers;

    /** @param headers of the user, which beat those of the scheme */
    HttpPush(FlowsAddress flows, String path, SignatureScheme scheme, Map<String, String> headers) {
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_MAX);
        this.http = (flows.trust() == null ? builder : builder.sslContext(flows.trust())).build();
        this.address = uri(flows.url() + path);
        this.scheme = scheme;
        this.headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        this.headers.putAll(headers);
    }

    private static URI uri(String address) {
        try {
            URI uri = URI.create(address);
            if (uri.getHost() != null && String.valueOf(uri.getScheme()).matches("https?")) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // reported below
        }
        throw new CliException(
                ExitCode.USAGE,
                address + " is not the address of a flow, which looks like http://127.0.0.1:8080/hooks/orders");
    }

    @Override
    public String toString() {
        return "POST " + address;
    }

    PushAnswer send(byte[] body) {
        HttpRequest request = request(sealed(body), body);
        try {
            HttpResponse<String> answer = http.send(request, info -> new LimitedBody(ANSWER_BYTES_MAX));
            return new PushAnswer(String.valueOf(answer.statusCode()), answer.statusCode() / 100 == 2, answer.body());
        } catch (SSLException e) {
            throw new CliException(
                    ExitCode.NO_NODE,
                    "TLS with " + address + " failed (" + e.getMessage()
                            + "): the node's certificate must be the one in the file that serai.http.tls.* names (give its"
                            + " --config), and a source with trustedCertificates wants one of the sender, which send has not");
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.NO_NODE,
                    "no node answers at " + address + (e.getMessage() == null ? "" : " (" + e.getMessage() + ")")
                            + ": start one with ./serai run, or give --url");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(ExitCode.NO_NODE, "interrupted");
        }
    }

    private Envelope sealed(byte[] body) {
        String idHeader = scheme.idHeader();
        String id = idHeader == null ? null : headers.get(idHeader);
        try {
            return scheme.seal(
                    body, id != null ? id : UUID.randomUUID().toString().replace("-", ""), Instant.now());
        } catch (UnsupportedOperationException e) {
            throw new CliException(
                    ExitCode.USAGE, "this signature scheme only verifies: send with the tools of its platform");
        } catch (IllegalArgumentException e) {
            throw new CliException(ExitCode.USAGE, "the body cannot be signed: " + e.getMessage());
        }
    }

    private HttpRequest request(Envelope envelope, byte[] body) {
        Map<String, String> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        all.put("Content-Type", envelope.contentType() != null ? envelope.contentType() : typeOf(body));
        all.putAll(envelope.headers());
        all.putAll(headers);
        URI to = envelope.query() == null ? address : uri(address + "?" + envelope.query());
        HttpRequest.Builder request =
                HttpRequest.newBuilder(to).timeout(ANSWER_MAX).POST(BodyPublishers.ofByteArray(envelope.body()));
        all.forEach((name, value) -> {
            try {
                request.header(name, value);
            } catch (IllegalArgumentException e) {
                throw new CliException(ExitCode.USAGE, "the header " + name + " cannot be sent: " + e.getMessage());
            }
        });
        return request.build();
    }

    private static String typeOf(byte[] body) {
        String start = new String(body, 0, Math.min(body.length, 64), UTF_8).stripLeading();
        return start.startsWith("{") || start.startsWith("[")
                ? "application/json"
                : start.startsWith("<") ? "application/xml" : "text/plain; charset=utf-8";
    }

    /** The headers of options such as {@code NAME:VALUE}. */
    static Map<String, String> headers(Iterable<String> options) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String option : options) {
            int colon = option.indexOf(':');
            String name = colon < 0 ? "" : option.substring(0, colon).strip();
            if (!HttpText.isHeaderName(name)) {
                throw new CliException(ExitCode.USAGE, "--header " + option + " is not NAME:VALUE");
            }
            headers.put(name, option.substring(colon + 1).strip());
        }
        return headers;
    }
}
