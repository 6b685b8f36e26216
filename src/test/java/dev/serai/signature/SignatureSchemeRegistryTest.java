package dev.serai.signature;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.Verified;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureSchemeRegistryTest {

    /** A row of the table with a source and a scheme. */
    private static final Pattern LISTED = Pattern.compile("^\\|[^|]+\\| `[a-z-]+-source`, `([a-z-]+)` \\|");

    private static final Pattern NAMED = Pattern.compile("(?:uri: signature:|scheme: )([a-z-]+)$", Pattern.MULTILINE);
    private static final Instant NOW = Instant.ofEpochSecond(1614265330);
    private static final SchemeOptions NOTHING = new SchemeOptions(null, null, null, Duration.ofMinutes(5));

    /** A user's scheme, named in META-INF/services of the tests. */
    public static final class AddedFactory implements SignatureSchemeFactory {
        @Override
        public String name() {
            return "added";
        }

        @Override
        public SignatureScheme create(SchemeOptions options) {
            return new SignatureScheme() {
                @Override
                public Verdict verify(SignedRequest request, Instant now) {
                    return new Verified(request.headers().value("X-Added") + options.secret());
                }

                @Override
                public Set<String> signatureHeaders() {
                    return Set.of();
                }
            };
        }
    }

    @Test
    void aSchemeAddedByAJarIsFoundByItsName() {
        var scheme = SignatureSchemeRegistry.create("added", SchemeOptions.secret("s"));

        assertThat(scheme.verify(new byte[0], headers(Map.of("x-added", "1")), NOW))
                .isEqualTo(new Verified("1s"));
        assertThatThrownBy(() -> scheme.sign(new byte[0], "id", NOW)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void anUnknownSchemeFailsWithTheNamesThatExist() {
        assertThatThrownBy(() -> SignatureSchemeRegistry.create("md5", NOTHING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "there is no signature scheme md5: there are added, alipay, basic, bearer, cloudevents, dingtalk, douyin,"
                                + " dropbox, feishu, github, graph, hmac, meta, none, shopify, slack, standard-webhooks,"
                                + " stripe, token, wechat-message, wechatpay, wecom, zoom");
    }

    @Test
    void thePlatformsPageListsExactlyTheExistingSchemes() throws IOException {
        Set<String> listed = new TreeSet<>();
        for (String line : Files.readAllLines(Path.of("docs/platforms/README.md"))) {
            Matcher scheme = LISTED.matcher(line);
            if (scheme.find()) {
                listed.add(scheme.group(1));
            }
        }
        Set<String> known = new TreeSet<>();
        ServiceLoader.load(SignatureSchemeFactory.class).forEach(factory -> known.add(factory.name()));
        known.remove("added");

        assertThat(listed).isEqualTo(known);
    }

    @Test
    void theKameletsNameOnlySchemesThatExist() throws IOException {
        Set<String> named = new TreeSet<>();
        try (Stream<Path> kamelets = Files.list(Path.of("kamelets"))) {
            for (Path kamelet : kamelets.toList()) {
                NAMED.matcher(Files.readString(kamelet)).results().forEach(found -> named.add(found.group(1)));
            }
        }

        assertThat(named).contains("alipay", "wechatpay", "wechat-message").allSatisfy(name -> assertThat(
                        SignatureSchemeRegistry.factory(name).name())
                .isEqualTo(name));
    }

    @Test
    void noneAcceptsEveryRequestAndAddsNothing() {
        var none = SignatureSchemeRegistry.create("none", NOTHING);

        assertThat(none.verify(utf8("x"), headers(Map.of()), NOW)).isEqualTo(new Verified(null));
        assertThat(none.sign(utf8("x"), "id", NOW)).isEmpty();
    }

    @Test
    void noneWithASecretFailsBecauseTheSecretWouldNotBeChecked() {
        assertThatThrownBy(() -> SignatureSchemeRegistry.create("none", SchemeOptions.secret("hidden")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("secret is set")
                .hasMessageNotContaining("hidden");
    }

    @Test
    void optionsDoNotPrintTheirSecrets() {
        assertThat(new SchemeOptions("hidden", "buried", "X-Shown", Duration.ofMinutes(5)))
                .asString()
                .contains("X-Shown")
                .doesNotContain("hidden", "buried");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101, 1614265330})
    void randomRequestsAreRefusedAndNeverThrow(long seed) {
        var random = new Random(seed);
        List<SignatureScheme> schemes = List.of(
                SignatureSchemeRegistry.create("hmac", SchemeOptions.secret("key")),
                SignatureSchemeRegistry.create("github", SchemeOptions.secret("key")),
                SignatureSchemeRegistry.create(
                        "standard-webhooks",
                        SchemeOptions.secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
                                + " whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")));
        for (int i = 0; i < 10_000; i++) {
            byte[] body = randomBytes(random, 64);
            HeaderLookup headers = name -> randomValues(random);
            for (SignatureScheme scheme : schemes) {
                assertThat(scheme.verify(body, headers, NOW))
                        .as("seed %d", seed)
                        .isInstanceOf(Refusal.class);
            }
        }
    }

    /** Empty, random or almost valid values, so that every parsing step is reached. */
    private static List<String> randomValues(Random random) {
        var values = new ArrayList<String>();
        int count = random.nextInt(10) == 0 ? random.nextInt(3) : 1;
        for (int i = 0; i < count; i++) {
            values.add(randomValue(random));
        }
        return values;
    }

    private static String randomValue(Random random) {
        String noise = new String(randomBytes(random, 100), StandardCharsets.ISO_8859_1);
        return switch (random.nextInt(8)) {
            case 0 -> "1614265330";
            case 1 -> "msg_" + Math.abs(random.nextInt());
            case 2 -> "sha256=" + "0123456789abcdef".repeat(random.nextInt(6));
            case 3 -> "v1," + base64(randomBytes(random, 70));
            case 4 -> "v1a," + base64(fixedBytes(random, 64)) + " v1," + base64(fixedBytes(random, 32));
            case 5 -> "v1a," + noise + " v1," + noise;
            case 6 -> "sha256=" + noise;
            default -> noise;
        };
    }

    private static byte[] randomBytes(Random random, int lengthMax) {
        return fixedBytes(random, random.nextInt(lengthMax + 1));
    }

    private static byte[] fixedBytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
