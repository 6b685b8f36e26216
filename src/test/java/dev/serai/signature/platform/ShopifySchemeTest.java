package dev.serai.signature.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.serai.signature.Verdict.Verified;
import dev.serai.signature.WebhookSchemeContract;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Against a few lines of Java that follow Shopify's documentation, because there is no Java library. */
class ShopifySchemeTest extends WebhookSchemeContract.Signing {
    private static final String SIGNATURE = "X-Shopify-Hmac-Sha256";
    private static final String ID = "X-Shopify-Webhook-Id";
    private static final String ORDER =
            "{\"id\":820982911946154508,\"email\":\"canary@example.com\",\"total_price\":\"65.00\"}";

    ShopifySchemeTest() {
        super("shopify", "test-only-shopify-secret-0000001", "test-only-shopify-secret-0000002", ORDER);
    }

    private static String hmac(String secret, String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public Map<String, String> theirs(String secret, String body, Instant now) throws Exception {
        return Map.of(SIGNATURE, hmac(secret, body), ID, "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043");
    }

    @Override
    public boolean isBelievedByThem(String secret, String body, Map<String, String> headers, Instant now)
            throws Exception {
        return hmac(secret, body).equals(headers.get(SIGNATURE));
    }

    @Override
    public List<String> proof() {
        return List.of(SIGNATURE);
    }

    @Override
    public Duration tolerance() {
        return null;
    }

    @Test
    void aCopyUnderAnotherIdIsTheSameChangeAndAnotherTopicIsNot() throws Exception {
        Map<String, String> headers = new HashMap<>(theirs(secret, ORDER, NOW));
        headers.put("X-Shopify-Topic", "orders/create");
        Verified first = (Verified) verify(ORDER, headers);
        headers.put(ID, "another");

        assertThat(first.id()).startsWith("sha256-");
        assertThat(verify(ORDER, headers)).isEqualTo(first);
        headers.put("X-Shopify-Topic", "orders/updated");
        assertThat(verify(ORDER, headers)).isNotEqualTo(first);
    }
}
