package dev.serai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.support.SeraiProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.tools.ToolProvider;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the class and the route of docs/platforms/your-own.md. */
class OwnSchemeIT {
    private static final Path PAGE = Path.of("docs/platforms/your-own.md");
    private static final String SERVICE = "META-INF/services/dev.serai.signature.SignatureSchemeFactory";
    // Test keys. Do not use them elsewhere.
    private static final String SECRET = "acme-test-key-000000001";
    private static final String OLD_SECRET = "acme-test-key-000000000";
    private static final String BODY = "{ \"part\": \"p-1\", \"state\": \"shipped\" }";

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private Path routes;

    @BeforeEach
    void followThePage() throws Exception {
        String page = Files.readString(PAGE);
        routes = Files.writeString(folder.resolve("parts.camel.yaml"), block(page, "yaml"));
        Path source = Files.writeString(folder.resolve("AcmeScheme.java"), block(page, "java"));
        Path classes = Files.createDirectories(folder.resolve("acme"));
        compile(source, classes);
        Path service = classes.resolve(SERVICE);
        Files.createDirectories(service.getParent());
        Files.writeString(service, "com.example.AcmeScheme\n");
        jar(classes, Files.createDirectories(folder.resolve("components")).resolve("acme.jar"));
    }

    private static String block(String page, String language) {
        Matcher block =
                Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertThat(block.find()).as("a block of " + language).isTrue();
        return block.group(1);
    }

    private static void compile(Path source, Path classes) {
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "--release",
                        "17",
                        "-Werror",
                        "-cp",
                        "target/app/serai.jar:target/app/lib/*",
                        "-d",
                        classes.toString(),
                        source.toString());
        assertThat(failed).as("the compiler's exit code").isZero();
    }

    private static void jar(Path classes, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> found = Files.walk(classes)) {
            for (Path path : found.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(path).toString()));
                Files.copy(path, out);
                out.closeEntry();
            }
        }
    }

    private SeraiProcess start() {
        return SeraiProcess.run(
                folder, routes, Map.of("acme.secret", SECRET + " " + OLD_SECRET, "platform.url", "http://127.0.0.1:9"));
    }

    private HttpResponse<String> post(SeraiProcess serai, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(serai.flowsUrl() + "/hooks/acme"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String sign(String secret, String id, String body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA512");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA512"));
        return HexFormat.of().formatHex(mac.doFinal((id + "." + body).getBytes(UTF_8)));
    }

    @Test
    void aJarInComponentsAddsASchemeThatAcceptsGenuineRequestsAndRefusesForgeries() throws Exception {
        try (SeraiProcess serai = start()) {
            String signature = sign(SECRET, "e-1", BODY);

            HttpResponse<String> taken = post(serai, BODY, "Acme-Id", "e-1", "Acme-Signature", signature);
            assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);
            assertThat(taken.body()).contains("\"flow\":\"parts\"", "\"id\":\"e-1\"", "\"duplicate\":false");

            HttpResponse<String> again = post(serai, BODY, "Acme-Id", "e-1", "Acme-Signature", signature);
            assertThat(again.statusCode()).isEqualTo(202);
            assertThat(again.body()).contains("\"id\":\"e-1\"", "\"duplicate\":true");

            String replaced = sign(OLD_SECRET, "e-2", BODY);
            assertThat(post(serai, BODY, "Acme-Id", "e-2", "Acme-Signature", replaced)
                            .statusCode())
                    .isEqualTo(202);

            expectRefused(post(serai, BODY.replace("shipped", "lost"), "Acme-Id", "e-1", "Acme-Signature", signature));
            expectRefused(post(serai, BODY, "Acme-Id", "e-3", "Acme-Signature", signature));
            expectRefused(post(serai, BODY, "Acme-Id", "e-1", "Acme-Signature", sign("another", "e-1", BODY)));
            expectRefused(post(serai, BODY, "Acme-Id", "e-1", "Acme-Signature", "none"));
            expectRefused(post(serai, BODY));

            Awaitility.await().until(() -> serai.output().contains("scheme=acme"));
            assertThat(serai.terminate()).isZero();
            assertThat(serai.output()).doesNotContain(SECRET, OLD_SECRET, signature);
        }
    }

    private static void expectRefused(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(401);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    }

    @Test
    void theLauncherHasTheJarsInComponentsOnItsClassPath() throws IOException {
        List<String> launcher = Files.readAllLines(Path.of("serai"));

        assertThat(launcher).contains("components=components/*");
        assertThat(launcher).anySatisfy(line -> assertThat(line).contains("-cp", "$components", "dev.serai.Main"));
    }
}
