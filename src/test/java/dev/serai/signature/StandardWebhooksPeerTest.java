package dev.serai.signature;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.standardwebhooks.Webhook;
import com.standardwebhooks.exceptions.WebhookVerificationException;
import dev.serai.signature.Verdict.Verified;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Against the standard's own library, which uses this machine's clock. */
class StandardWebhooksPeerTest {
    /** Test keys. Do not use them elsewhere. */
    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    private static final String NEWER =
            "whsec_" + Base64.getEncoder().encodeToString(utf8("test-only-newer-key-00001"));
    private static final String OTHER =
            "whsec_" + Base64.getEncoder().encodeToString(utf8("test-only-other-key-00002"));
    private static final String BODY = "{\"payment\":\"P-1\",\"text\":\"微\"}";

    private static SignatureScheme scheme(String secret, String previous) {
        return SignatureSchemeRegistry.create(
                "standard-webhooks", new SchemeOptions(secret, previous, null, SchemeOptions.DEFAULT_TOLERANCE));
    }

    private static HttpHeaders asTheyRead(Map<String, String> headers) {
        Map<String, List<String>> lists = new TreeMap<>();
        headers.forEach((name, value) -> lists.put(name, List.of(value)));
        return HttpHeaders.of(lists, (name, value) -> true);
    }

    @Test
    void aMessageSignedByTheirLibraryIsVerified() throws Exception {
        Instant now = Instant.now();
        Map<String, String> signed = Map.of(
                "webhook-id", "msg_1",
                "webhook-timestamp", Long.toString(now.getEpochSecond()),
                "webhook-signature", new Webhook(SECRET).sign("msg_1", now.getEpochSecond(), BODY));

        assertThat(scheme(SECRET, null).verify(utf8(BODY), headers(signed), now))
                .isEqualTo(new Verified("msg_1"));
        assertThat(scheme(NEWER, SECRET).verify(utf8(BODY), headers(signed), now))
                .isEqualTo(new Verified("msg_1"));
    }

    @Test
    void theirLibraryVerifiesASignatureOfSeveralSecretsWithEachOfThem() throws Exception {
        for (SignatureScheme both : List.of(scheme(NEWER + " " + SECRET, null), scheme(NEWER, SECRET))) {
            HttpHeaders signed = asTheyRead(both.sign(utf8(BODY), "msg_1", Instant.now()));

            new Webhook(SECRET).verify(BODY, signed);
            new Webhook(NEWER).verify(BODY, signed);
            assertThatThrownBy(() -> new Webhook(OTHER).verify(BODY, signed))
                    .isInstanceOf(WebhookVerificationException.class);
        }
    }
}
