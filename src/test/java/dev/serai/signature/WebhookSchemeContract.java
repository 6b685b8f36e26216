package dev.serai.signature;

import static dev.serai.support.Requests.mutate;
import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.support.RequestFuzz;
import dev.serai.support.Requests;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The behaviour of every webhook scheme. Each subclass simulates its platform with code that is not ours. */
public abstract class WebhookSchemeContract {
    public static final Instant NOW = Instant.ofEpochSecond(1795423845);

    /** Test keys. Do not use them elsewhere. */
    public final String secret;

    public final String otherSecret;
    private final String name;
    private final String body;

    public WebhookSchemeContract(String name, String secret, String otherSecret, String body) {
        this.name = name;
        this.secret = secret;
        this.otherSecret = otherSecret;
        this.body = body;
    }

    // ---- What a scheme has

    /** The headers that the platform sends with this body. */
    public abstract Map<String, String> theirs(String secret, String body, Instant now) throws Exception;

    /** Whether the platform's own code accepts the signature. */
    public abstract boolean isBelievedByThem(String secret, String body, Map<String, String> headers, Instant now)
            throws Exception;

    /** The headers of the signature. */
    public abstract List<String> proof();

    /** How old a request may be; null if it carries no time. */
    public abstract Duration tolerance();

    // ---- What tests use

    public final SignatureScheme scheme() {
        return SignatureSchemeRegistry.create(name, SchemeOptions.secret(secret));
    }

    private SignatureScheme scheme(String secret, String previous) {
        return SignatureSchemeRegistry.create(
                name, new SchemeOptions(secret, previous, null, SchemeOptions.DEFAULT_TOLERANCE));
    }

    public static Verdict verify(SignatureScheme scheme, byte[] body, Map<String, String> headers) {
        return scheme.verify(body, Requests.headers(headers), NOW);
    }

    public final Verdict verify(String body, Map<String, String> headers) {
        return verify(scheme(), utf8(body), headers);
    }

    public final RefusalReason reason(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Refusal.class);
        assertThat(((Refusal) verdict).detail()).doesNotContain(secret, otherSecret, "canary");
        return ((Refusal) verdict).reason();
    }

    public static Map<String, String> with(Map<String, String> headers, String name, String value) {
        Map<String, String> changed = new HashMap<>(headers);
        changed.put(name, value);
        return changed;
    }

    // ---- Both ways

    @Test
    void aMessageSignedByThePlatformIsVerified() throws Exception {
        assertThat(verify(body, theirs(secret, body, NOW))).isInstanceOf(Verified.class);
    }

    @Test
    void thePlatformsCodeVerifiesOurSignature() throws Exception {
        Map<String, String> ours = scheme().sign(utf8(body), "msg_1", NOW);

        assertThat(isBelievedByThem(secret, body, ours, NOW)).isTrue();
        assertThat(isBelievedByThem(otherSecret, body, ours, NOW)).isFalse();
        assertThat(verify(body, ours)).isInstanceOf(Verified.class);
    }

    // ---- Forgeries

    @Test
    void aWrongKeyIsForged() throws Exception {
        assertThat(reason(verify(body, theirs(otherSecret, body, NOW)))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void eachHeaderOfTheSignatureMustOccurOnce() throws Exception {
        Map<String, String> headers = theirs(secret, body, NOW);
        for (String header : proof()) {
            Map<String, String> without = new HashMap<>(headers);
            assertThat(without.remove(header)).as(header).isNotNull();
            assertThat(reason(verify(body, without))).as(header).isEqualTo(RefusalReason.MISSING);
            assertThat(reason(verify(body, with(headers, header, " "))))
                    .as(header)
                    .isEqualTo(RefusalReason.MISSING);
            assertThat(reason(verify(body, with(headers, header, "no"))))
                    .as(header)
                    .isIn(RefusalReason.MALFORMED, RefusalReason.FORGED);
            Map<String, String> twice = new HashMap<>(without);
            twice.put(header.toUpperCase(Locale.ROOT), headers.get(header));
            twice.put(header.toLowerCase(Locale.ROOT), headers.get(header));
            assertThat(reason(verify(body, twice))).as(header).isEqualTo(RefusalReason.MALFORMED);
        }
    }

    @Test
    void anOldRequestAndOneFromTheFutureAreStale() throws Exception {
        Duration tolerance = tolerance();
        if (tolerance == null) {
            assertThat(verify(body, theirs(secret, body, NOW.minus(Duration.ofDays(9)))))
                    .isInstanceOf(Verified.class);
            return;
        }
        for (Duration off : List.of(tolerance, tolerance.negated())) {
            assertThat(verify(body, theirs(secret, body, NOW.plus(off)))).isInstanceOf(Verified.class);
            Instant beyond = NOW.plus(off).plusSeconds(off.isNegative() ? -1 : 1);
            assertThat(reason(verify(body, theirs(secret, body, beyond)))).isEqualTo(RefusalReason.STALE);
        }
    }

    // ---- Rotation

    @Test
    void secretsCanBeRotatedWithoutALostRequest() throws Exception {
        Map<String, String> old = theirs(secret, body, NOW);
        Map<String, String> young = theirs(otherSecret, body, NOW);

        for (SignatureScheme both : List.of(scheme(otherSecret, secret), scheme(otherSecret + " " + secret, null))) {
            assertThat(verify(both, utf8(body), old)).isInstanceOf(Verified.class);
            assertThat(verify(both, utf8(body), young)).isInstanceOf(Verified.class);
        }
        assertThat(reason(verify(scheme(otherSecret, null), utf8(body), old))).isEqualTo(RefusalReason.FORGED);
        assertThat(verify(scheme(otherSecret, null), utf8(body), young)).isInstanceOf(Verified.class);
    }

    // ---- Random input

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101})
    void mutatedRequestsNeverThrow(long seed) throws Exception {
        Random random = new Random(seed);
        SignatureScheme scheme = scheme();
        Map<String, String> headers = theirs(secret, body, NOW);
        List<String> names = headers.keySet().stream().sorted().toList();
        for (int i = 0; i < 2 * RequestFuzz.REQUESTS; i++) {
            String header = names.get(random.nextInt(names.size()));
            byte[] value = mutate(utf8(headers.get(header)), random);
            Verdict verdict = random.nextBoolean()
                    ? verify(scheme, mutate(utf8(body), random), headers)
                    : verify(scheme, utf8(body), with(headers, header, new String(value, ISO_8859_1)));
            if (verdict instanceof Refusal) {
                reason(verdict);
            }
        }
    }

    /** Of those that sign it. */
    public abstract static class Signing extends WebhookSchemeContract {
        private final String body;

        public Signing(String name, String secret, String otherSecret, String body) {
            super(name, secret, otherSecret, body);
            this.body = body;
        }

        @Test
        void anotherBodyIsForged() throws Exception {
            Map<String, String> headers = theirs(secret, body, NOW);

            for (String other : List.of(body + " ", body.replace(":", ": "), body.substring(1), "", "\ufeff" + body)) {
                assertThat(reason(verify(other, headers))).as(other).isEqualTo(RefusalReason.FORGED);
            }
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 20260101})
        void noMutatedBodyIsVerified(long seed) throws Exception {
            Random random = new Random(seed);
            Map<String, String> headers = theirs(secret, body, NOW);
            for (int i = 0; i < 2 * RequestFuzz.REQUESTS; i++) {
                byte[] other = mutate(utf8(body), random);
                if (!Arrays.equals(other, utf8(body))) {
                    assertThat(verify(scheme(), other, headers)).isInstanceOf(Refusal.class);
                }
            }
        }
    }
}
