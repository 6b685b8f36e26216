package dev.serai.signature.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.stripe.exception.SignatureVerificationException;
import com.stripe.net.Webhook;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.signature.WebhookSchemeContract;
import dev.serai.support.Requests;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against Stripe's own library. */
class StripeSchemeTest extends WebhookSchemeContract.Signing {
    private static final String HEADER = "Stripe-Signature";
    private static final String EVENT =
            "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"charge.succeeded\",\"data\":{\"object\":{\"id\":\"canary\"}}}";

    StripeSchemeTest() {
        super("stripe", "whsec_test_0000000000000000000000001", "whsec_test_0000000000000000000000002", EVENT);
    }

    @Override
    public Map<String, String> theirs(String secret, String body, Instant now) throws Exception {
        return Map.of(HEADER, Webhook.Signature.generateSignatureHeader(body, secret, now.getEpochSecond()));
    }

    @Override
    public boolean isBelievedByThem(String secret, String body, Map<String, String> headers, Instant now) {
        try {
            return Webhook.Signature.verifyHeader(
                    body, headers.get(HEADER), secret, 300, Clock.fixed(now, ZoneOffset.UTC));
        } catch (SignatureVerificationException e) {
            return false;
        }
    }

    @Override
    public List<String> proof() {
        return List.of(HEADER);
    }

    @Override
    public Duration tolerance() {
        return Duration.ofMinutes(5);
    }

    @Test
    void theIdIsTheEventsAndIsSigned() throws Exception {
        assertThat(verify(EVENT, theirs(secret, EVENT, NOW))).isEqualTo(new Verified("evt_1"));
        for (String without : List.of("{\"object\":\"event\"}", "{\"id\":1}", "{\"id\":\"a b\"}", "[]", "")) {
            assertThat(reason(verify(without, theirs(secret, without, NOW))))
                    .as(without)
                    .isEqualTo(RefusalReason.MALFORMED);
        }
    }

    @Test
    void duringRotationEverySignatureInTheHeaderIsTried() throws Exception {
        String header = theirs(secret, EVENT, NOW).get(HEADER);
        String v1 = header.substring(header.indexOf("v1="));
        String others = "v1=" + "0".repeat(64);
        String time = "t=" + NOW.getEpochSecond();

        for (String good : List.of(
                time + "," + others + "," + v1, v1 + "," + time, time + ", " + v1 + ", v0=x", time + ",v1=no," + v1)) {
            assertThat(verify(EVENT, Map.of(HEADER, good))).as(good).isInstanceOf(Verified.class);
        }
        for (String bad : List.of(time + "," + others, time + "1," + v1)) {
            assertThat(reason(verify(EVENT, Map.of(HEADER, bad))))
                    .as(bad)
                    .isIn(RefusalReason.FORGED, RefusalReason.STALE);
        }
        for (String bad :
                List.of(v1, time, time + "," + time + "," + v1, time + ",v0=" + v1.substring(3), time + "x," + v1)) {
            assertThat(reason(verify(EVENT, Map.of(HEADER, bad)))).as(bad).isEqualTo(RefusalReason.MALFORMED);
        }
        String many = time + ("," + others).repeat(40) + "," + v1;
        assertThat(reason(verify(EVENT, Map.of(HEADER, many)))).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void duringRotationBothSecretsSign() {
        SignatureScheme both = SignatureSchemeRegistry.create(
                "stripe", new SchemeOptions(otherSecret, secret, null, SchemeOptions.DEFAULT_TOLERANCE));
        Map<String, String> headers = both.sign(Requests.utf8(EVENT), "any", NOW);

        assertThat(isBelievedByThem(secret, EVENT, headers, NOW)).isTrue();
        assertThat(isBelievedByThem(otherSecret, EVENT, headers, NOW)).isTrue();
    }
}
