package dev.serai.signature.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.signature.WebhookSchemeContract;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Against the Java code in DingTalk's documentation, because there is no library. */
class DingtalkSchemeTest extends WebhookSchemeContract {
    private static final String MESSAGE =
            "{\"msgtype\":\"text\",\"text\":{\"content\":\"canary\"},\"msgId\":\"msgqG1jV5lSvRAm4iRgdBjoNA==\"}";

    DingtalkSchemeTest() {
        super("dingtalk", "test-only-dingtalk-secret-000001", "test-only-dingtalk-secret-000002", MESSAGE);
    }

    private static String sign(String secret, String timestamp) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signature = mac.doFinal((timestamp + "\n" + secret).getBytes(StandardCharsets.UTF_8));
        return Base64.getEncoder().encodeToString(signature);
    }

    @Override
    public Map<String, String> theirs(String secret, String body, Instant now) throws Exception {
        String timestamp = Long.toString(now.toEpochMilli());
        return Map.of("timestamp", timestamp, "sign", sign(secret, timestamp));
    }

    @Override
    public boolean isBelievedByThem(String secret, String body, Map<String, String> headers, Instant now)
            throws Exception {
        return sign(secret, headers.get("timestamp")).equals(headers.get("sign"));
    }

    @Override
    public List<String> proof() {
        return List.of("sign", "timestamp");
    }

    @Override
    public Duration tolerance() {
        return Duration.ofHours(1);
    }

    @Test
    void theIdIsInTheBodyWhichIsNotSigned() throws Exception {
        Map<String, String> headers = theirs(secret, MESSAGE, NOW);

        assertThat(verify(MESSAGE, headers)).isEqualTo(new Verified("msgqG1jV5lSvRAm4iRgdBjoNA=="));
        assertThat(verify("{\"msgtype\":\"text\"}", headers)).isEqualTo(new Verified(null));
        assertThat(verify("no JSON", headers)).isEqualTo(new Verified(null));
        assertThat(reason(verify("{\"msgId\":\"a b\"}", headers))).isEqualTo(RefusalReason.MALFORMED);
    }

    @Test
    void theSignedTimeCannotBeChanged() throws Exception {
        Map<String, String> headers = theirs(secret, MESSAGE, NOW);
        String later = Long.toString(NOW.toEpochMilli() + 1);

        assertThat(reason(verify(MESSAGE, with(headers, "timestamp", later)))).isEqualTo(RefusalReason.FORGED);
    }

    @Test
    void theAnswerIsTheStatusAlone() {
        assertThat(scheme().accepted().status()).isEqualTo(200);
        assertThat(scheme().accepted().body()).isEmpty();
    }
}
