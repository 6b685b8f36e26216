package dev.serai.signature.platform;

import static org.assertj.core.api.Assertions.assertThat;

import com.slack.api.app_backend.SlackSignature;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Asked;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.signature.WebhookSchemeContract;
import dev.serai.support.Requests;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against Slack's own library. */
class SlackSchemeTest extends WebhookSchemeContract.Signing {
    private static final String SIGNATURE = "X-Slack-Signature";
    private static final String TIMESTAMP = "X-Slack-Request-Timestamp";
    private static final String EVENT =
            "{\"type\":\"event_callback\",\"event_id\":\"Ev0001\",\"event\":{\"type\":\"message\",\"text\":\"canary\",\"event_id\":\"inner\"}}";

    SlackSchemeTest() {
        super("slack", "test-only-slack-secret-000000001", "test-only-slack-secret-000000002", EVENT);
    }

    @Override
    public Map<String, String> theirs(String secret, String body, Instant now) {
        String time = Long.toString(now.getEpochSecond());
        return Map.of(TIMESTAMP, time, SIGNATURE, new SlackSignature.Generator(secret).generate(time, body));
    }

    @Override
    public boolean isBelievedByThem(String secret, String body, Map<String, String> headers, Instant now) {
        return new SlackSignature.Verifier(new SlackSignature.Generator(secret))
                .isValid(headers.get(TIMESTAMP), body, headers.get(SIGNATURE), now.toEpochMilli());
    }

    @Override
    public List<String> proof() {
        return List.of(SIGNATURE, TIMESTAMP);
    }

    @Override
    public Duration tolerance() {
        return Duration.ofMinutes(5);
    }

    /** See: https://docs.slack.dev/authentication/verifying-requests-from-slack */
    @Test
    void slacksPublishedExampleIsVerified() {
        SignatureScheme scheme =
                SignatureSchemeRegistry.create("slack", SchemeOptions.secret("8f742231b10e8888abcd99yyyzzz85a5"));
        String body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
                + "&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
                + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
                + "&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        Map<String, String> headers = Map.of(
                TIMESTAMP,
                "1531420618",
                SIGNATURE,
                "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");

        Verdict verdict =
                scheme.verify(Requests.utf8(body), Requests.headers(headers), Instant.ofEpochSecond(1531420618));

        assertThat(verdict).isInstanceOf(Verified.class);
    }

    @Test
    void theIdIsTheEventsOrForACommandAHashOfTheSignedText() {
        assertThat(verify(EVENT, theirs(secret, EVENT, NOW))).isEqualTo(new Verified("Ev0001"));
        String command = "command=%2Fpay&text=1";
        Verified first = (Verified) verify(command, theirs(secret, command, NOW));
        Verified replayed = (Verified) verify(command, theirs(secret, command, NOW));
        Verified later = (Verified) verify(command, theirs(secret, command, NOW.plusSeconds(1)));
        assertThat(first.id()).startsWith("sha256-").isEqualTo(replayed.id()).isNotEqualTo(later.id());
    }

    @Test
    void slacksAddressCheckIsAnsweredAfterVerification() {
        String question =
                "{\"type\":\"url_verification\",\"token\":\"x\",\"challenge\":\"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P\"}";

        assertThat(verify(question, theirs(secret, question, NOW)))
                .isInstanceOfSatisfying(Asked.class, asked -> assertThat(
                                new String(asked.answer().body()))
                        .isEqualTo("3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"));
        assertThat(reason(verify(question, theirs(otherSecret, question, NOW)))).isEqualTo(RefusalReason.FORGED);
        String notAsked = question.replace("url_verification", "event_callback");
        assertThat(verify(notAsked, theirs(secret, notAsked, NOW))).isInstanceOf(Verified.class);
    }

    @Test
    void theAnswerIsTheStatusAlone() {
        assertThat(scheme().accepted().status()).isEqualTo(200);
        assertThat(scheme().accepted().body()).isEmpty();
    }
}
