package dev.serai.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.serai.cli.text.TerminalText;
import dev.serai.text.ExactJson;
import dev.serai.text.HttpText;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a running node through its admin API.
 *
 * <p>Throws: every method throws {@link CliException} that says what to do, if there is no useful answer.
 */
public final class AdminClient {
    private static final Duration CONNECT_MAX = Duration.ofSeconds(5);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 500;
    private static final long ANSWER_BYTES_MAX = 32L << 20;
    private static final String TLS_ADVICE = "the node's certificate must be the one in the file that"
            + " serai.admin.tls.* names (give its --config), or from an authority that Java trusts and for that host";
    /** What a header can hold. */
    private static final Pattern TOKEN = Pattern.compile("[!-~]+");

    private static final Pattern NEXT = Pattern.compile("<(/[^>]*)>; rel=\"next\"");

    private final String url;
    private final Path tokenFile;
    private final @Nullable String givenToken;
    private final @Nullable SSLContext trust;
    private final Duration answerMax;
    private Consumer<String> warnings = warning -> {};

    /**
     * A client of one node.
     *
     * @param token the token, instead of that in the file; null or empty if there is none
     * @param trust for the node's certificate; null for what Java trusts
     */
    public AdminClient(String url, Path tokenFile, @Nullable String token, @Nullable SSLContext trust) {
        this(url, tokenFile, token, trust, ANSWER_MAX);
    }

    /** @param answerMax how long a whole answer may take */
    public AdminClient(
            String url, Path tokenFile, @Nullable String token, @Nullable SSLContext trust, Duration answerMax) {
        this.trust = trust;
        this.answerMax = answerMax;
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.tokenFile = tokenFile;
        this.givenToken = token == null || token.isBlank() ? null : token.strip();
    }

    /** From now on this is told, in a line, when an answer is without a part of the ledger. */
    public AdminClient warning(Consumer<String> told) {
        warnings = told;
        return this;
    }

    public NodeAnswer get(String path) {
        return ask("GET", path, null);
    }

    /** Reads a list on until it has so many, or ends. */
    public NodeAnswer list(Query query, int limit) {
        NodeAnswer answer = get(query.toString());
        String next = answer.next();
        while (next != null && answer.node().size() < limit) {
            answer = answer.plus(get(next));
            next = answer.next();
        }
        return answer;
    }

    private static @Nullable String next(AdminCall.CallAnswer answer) {
        Matcher link = NEXT.matcher(answer.headers().getOrDefault("link", ""));
        return link.matches() ? link.group(1) : null;
    }

    /**
     * Asks again and again until a run has ended.
     *
     * @param begun what was answered when it began
     * @param path answers with the run
     * @param each gets the run each time that it has not ended
     */
    public NodeAnswer awaitEnd(NodeAnswer begun, String path, Consumer<JsonNode> each) throws InterruptedException {
        NodeAnswer answer = begun;
        while (answer.node().path("state").asText().equals("running")) {
            each.accept(answer.node());
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            answer = get(path);
        }
        return answer;
    }

    public NodeAnswer post(String path, ObjectNode body) {
        return ask("POST", path, body);
    }

    public NodeAnswer put(String path, ObjectNode body) {
        return ask("PUT", path, body);
    }

    public NodeAnswer delete(String path, ObjectNode body) {
        return ask("DELETE", path, body.isEmpty() ? null : body);
    }

    public ObjectNode object() {
        return ExactJson.MAPPER.createObjectNode();
    }

    public static String encode(String part) {
        return HttpText.urlValue(part);
    }

    private NodeAnswer ask(String method, String path, @Nullable ObjectNode body) {
        AdminCall.CallAnswer answer = send(method, address(path), body);
        int status = answer.status();
        String missing = answer.headers().get("serai-incomplete");
        if (missing != null) {
            warnings.accept("incomplete: " + TerminalText.clean(missing) + "; ./serai status has the reason");
        }
        if (status >= 200 && status < 300) {
            return new NodeAnswer(TerminalText.json(answer.body()), parse(answer), next(answer));
        }
        throw refused(status, answer);
    }

    private Map<String, String> headers(@Nullable ObjectNode body) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (body != null) {
            headers.put("Content-Type", "application/json");
        }
        @Nullable String token = token();
        if (token != null && !TOKEN.matcher(token).matches()) {
            throw new CliException(
                    ExitCode.USAGE,
                    (givenToken == null ? tokenFile : ClientArguments.TOKEN_VARIABLE)
                            + " does not hold an admin token: one line of letters and digits");
        }
        if (token != null) {
            headers.put("Authorization", "Bearer " + token);
        }
        return headers;
    }

    private URI address(String path) {
        try {
            URI address = URI.create(url + path);
            if (List.of("http", "https").contains(String.valueOf(address.getScheme())) && address.getHost() != null) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // reported below
        }
        throw new CliException(
                ExitCode.USAGE, url + " is not the URL of a node, which looks like http://127.0.0.1:8081");
    }

    /** Null without a token file: the request is sent anyway, to find out whether a node answers. */
    private @Nullable String token() {
        try {
            if (givenToken != null) {
                return givenToken;
            }
            return Files.exists(tokenFile) ? Files.readString(tokenFile).strip() : null;
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.USAGE,
                    "the admin token in " + tokenFile + " cannot be read: "
                            + e.getClass().getSimpleName());
        }
    }

    private AdminCall.CallAnswer send(String method, URI address, @Nullable ObjectNode body) {
        Map<String, String> headers = headers(body);
        byte[] bytes = body == null ? null : body.toString().getBytes(StandardCharsets.UTF_8);
        try {
            return new AdminCall(address, trust, ANSWER_BYTES_MAX, answerMax).send(method, headers, bytes, CONNECT_MAX);
        } catch (SSLException e) {
            throw new CliException(ExitCode.NO_NODE, "TLS with " + url + " failed" + reason(e) + ": " + TLS_ADVICE);
        } catch (SocketTimeoutException e) {
            throw new CliException(
                    ExitCode.NO_NODE, "no complete answer from " + url + " within " + answerMax.toSeconds() + " s");
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.NO_NODE,
                    "no node answers at " + url + reason(e) + ": start one with ./serai run, or give --url");
        }
    }

    private static String reason(Throwable e) {
        @Nullable String message = e.getMessage();
        return message == null ? "" : " (" + message + ")";
    }

    private JsonNode parse(AdminCall.CallAnswer answer) {
        try {
            return ExactJson.MAPPER.readTree(answer.body());
        } catch (JsonProcessingException e) {
            throw new CliException(ExitCode.NO_NODE, "the server at " + url + " is not a Serai node: give --url");
        }
    }

    private CliException refused(int status, AdminCall.CallAnswer answer) {
        if (status == 401) {
            if (givenToken != null) {
                return new CliException(
                        ExitCode.USAGE,
                        "the node at " + url + " does not accept the token in " + ClientArguments.TOKEN_VARIABLE
                                + ": was it removed? serai token list shows what the node accepts");
            }
            String why = Files.exists(tokenFile)
                    ? "does not accept the admin token in " + tokenFile
                    : "needs its admin token, and " + tokenFile + " does not exist";
            return new CliException(
                    ExitCode.USAGE, "the node at " + url + " " + why + ": give --token-file with the one of that node");
        }
        int exitCode = status == 404 ? ExitCode.NO : status < 500 ? ExitCode.USAGE : ExitCode.NO_NODE;
        return new CliException(exitCode, detail(status, answer));
    }

    private String detail(int status, AdminCall.CallAnswer answer) {
        try {
            String detail =
                    ExactJson.MAPPER.readTree(answer.body()).path("detail").asText();
            if (!detail.isEmpty()) {
                return detail;
            }
        } catch (JsonProcessingException e) {
            // not from Serai; reported below
        }
        return "the node at " + url + " answered " + status;
    }

    /** Builds a path with a query; parameters without a value are left out. */
    public static final class Query {
        private final String path;
        private final List<String> parameters = new ArrayList<>();

        public Query(String path) {
            this.path = path;
        }

        public Query with(String name, @Nullable Object value) {
            if (value != null) {
                parameters.add(name + "=" + encode(value.toString()));
            }
            return this;
        }

        public Query withAll(String name, List<?> values) {
            values.forEach(value -> with(name, value));
            return this;
        }

        @Override
        public String toString() {
            return parameters.isEmpty() ? path : path + "?" + String.join("&", parameters);
        }
    }
}
