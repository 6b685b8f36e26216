package dev.serai.signature.platform;

import static dev.serai.support.Requests.headers;
import static dev.serai.support.Requests.utf8;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.wechat.pay.java.core.auth.WechatPay2Credential;
import com.wechat.pay.java.core.auth.WechatPay2Validator;
import com.wechat.pay.java.core.cipher.RSASigner;
import com.wechat.pay.java.core.cipher.RSAVerifier;
import com.wechat.pay.java.core.http.HttpHeaders;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.support.RsaKeys;
import dev.serai.support.TestCertificate;
import dev.serai.support.WeChatPayPeer;
import java.net.URI;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeChatPayAuthTest {
    private static final WeChatPayPeer PLATFORM = WeChatPayPeer.create();
    private static final KeyPair MERCHANT = RsaKeys.next();
    private static final String SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
    private static final String ADDRESS =
            "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/P%2F1?mchid=1900000109&note=a%20b+%E5%BE%AE";
    private static final Pattern AUTHORIZATION = Pattern.compile("(\\S+) mchid=\"(\\d+)\",nonce_str=\"([^\"]+)\","
            + "timestamp=\"(\\d+)\",serial_no=\"([0-9A-F]+)\",signature=\"([^\"]+)\"");
    private static final Instant NOW = Instant.now();

    private static Map<String, String> options() {
        Map<String, String> options = new HashMap<>(Map.of(
                "mchid",
                WeChatPayPeer.MCHID,
                "serialNumber",
                SERIAL,
                "privateKey",
                WeChatPayPeer.pem("PRIVATE KEY", MERCHANT.getPrivate().getEncoded())));
        options.put("publicKeyId", WeChatPayPeer.KEY_ID);
        options.put("publicKey", PLATFORM.publicPem());
        return options;
    }

    private final WeChatPayAuth auth = new WeChatPayAuth(SchemeOptions.of(options()));

    // ---- Requests

    /** Parses an Authorization header and verifies its signature against the expected request. */
    private static String form(String authorization, String pathAndQuery) throws Exception {
        Matcher parts = AUTHORIZATION.matcher(authorization);
        assertThat(parts.matches()).as(authorization).isTrue();
        String message = "GET\n" + pathAndQuery + "\n" + parts.group(4) + "\n" + parts.group(3) + "\n\n";
        var verifier = java.security.Signature.getInstance("SHA256withRSA");
        verifier.initVerify(MERCHANT.getPublic());
        verifier.update(message.getBytes(US_ASCII));
        assertThat(verifier.verify(Base64.getDecoder().decode(parts.group(6))))
                .as(message)
                .isTrue();
        return parts.group(1) + " " + parts.group(2) + " " + parts.group(5);
    }

    @Test
    void aRequestIsSignedAsByWechatPaysLibrary() throws Exception {
        URI address = URI.create(ADDRESS);
        String theirs = new WechatPay2Credential(WeChatPayPeer.MCHID, new RSASigner(SERIAL, MERCHANT.getPrivate()))
                .getAuthorization(address, "GET", "");

        RequestAuth.Signed ours = auth.sign(address, NOW);

        String pathAndQuery = ADDRESS.substring("https://api.mch.weixin.qq.com".length());
        assertThat(form(ours.headers().get("Authorization"), pathAndQuery))
                .isEqualTo(form(theirs, pathAndQuery))
                .isEqualTo("WECHATPAY2-SHA256-RSA2048 1900000109 " + SERIAL);
        assertThat(ours.address()).isEqualTo(address);
        assertThat(ours.headers())
                .containsEntry("Wechatpay-Serial", WeChatPayPeer.KEY_ID)
                .containsEntry("Accept", "application/json")
                .hasSize(3);
        assertThat(ours.headers().get("Authorization")).contains("timestamp=\"" + NOW.getEpochSecond() + "\"");
    }

    @Test
    void theSignedAddressIsTheSentOne() throws Exception {
        for (String sent : new String[] {"/v3/certificates", "/", "/a?", "/a?b=%2B+c&d"}) {
            RequestAuth.Signed signed = auth.sign(URI.create("http://127.0.0.1:1" + sent), NOW);
            assertThat(form(signed.headers().get("Authorization"), sent)).isNotEmpty();
        }
        RequestAuth.Signed letters = auth.sign(URI.create("http://127.0.0.1/微?q=ä"), NOW);
        assertThat(letters.address().toString()).isEqualTo("http://127.0.0.1/%E5%BE%AE?q=%C3%A4");
        assertThat(form(letters.headers().get("Authorization"), "/%E5%BE%AE?q=%C3%A4"))
                .isNotEmpty();
        RequestAuth.Signed bare = auth.sign(URI.create("http://127.0.0.1"), NOW);
        assertThat(form(bare.headers().get("Authorization"), "/")).isNotEmpty();
    }

    @Test
    void everyRequestHasItsOwnNonce() {
        URI address = URI.create(ADDRESS);

        assertThat(auth.sign(address, NOW).headers().get("Authorization"))
                .isNotEqualTo(auth.sign(address, NOW).headers().get("Authorization"));
    }

    // ---- Answers

    @Test
    void anAnswerSignedByWechatPayIsVerifiedByItsLibraryAndHere() {
        Map<String, String> signed = PLATFORM.sign(WeChatPayPeer.PAYMENT, NOW);
        HttpHeaders theirs = new HttpHeaders();
        signed.forEach(theirs::addHeader);

        assertThat(auth.refuse(utf8(WeChatPayPeer.PAYMENT), headers(signed), NOW))
                .isNull();
        assertThat(new WechatPay2Validator(new RSAVerifier(PLATFORM.pair().getPublic(), WeChatPayPeer.KEY_ID))
                        .validate(theirs, WeChatPayPeer.PAYMENT))
                .isTrue();
    }

    @Test
    void anEmptyAnswerIsSignedToo() {
        assertThat(auth.refuse(new byte[0], headers(PLATFORM.sign("", NOW)), NOW))
                .isNull();
    }

    @Test
    void anAnswerThatWechatPayDidNotSignIsRefused() {
        byte[] body = utf8(WeChatPayPeer.PAYMENT);
        Map<String, String> signed = PLATFORM.sign(WeChatPayPeer.PAYMENT, NOW);
        WeChatPayPeer forger = new WeChatPayPeer(RsaKeys.next(), WeChatPayPeer.KEY_ID);
        WeChatPayPeer stranger = new WeChatPayPeer(RsaKeys.next(), "PUB_KEY_ID_2");

        assertThat(reason(auth.refuse(body, headers(Map.of()), NOW))).isEqualTo(RefusalReason.MISSING);
        assertThat(reason(auth.refuse(utf8("{}"), headers(signed), NOW))).isEqualTo(RefusalReason.FORGED);
        assertThat(reason(auth.refuse(body, headers(forger.sign(WeChatPayPeer.PAYMENT, NOW)), NOW)))
                .isEqualTo(RefusalReason.FORGED);
        assertThat(reason(auth.refuse(body, headers(stranger.sign(WeChatPayPeer.PAYMENT, NOW)), NOW)))
                .isEqualTo(RefusalReason.UNKNOWN_KEY);
        assertThat(reason(auth.refuse(body, headers(signed), NOW.plusSeconds(301))))
                .isEqualTo(RefusalReason.STALE);
        signed.put("Wechatpay-Signature", "WECHATPAY/SIGNTEST/" + signed.get("Wechatpay-Signature"));
        assertThat(reason(auth.refuse(body, headers(signed), NOW))).isEqualTo(RefusalReason.PROBE);
    }

    private static RefusalReason reason(Refusal refused) {
        assertThat(refused).isNotNull();
        return refused.reason();
    }

    @Test
    void answersAreVerifiedWithCertificatesAndTheNewestIsRequested() throws Exception {
        TestCertificate certificate = TestCertificate.create("platform");
        Map<String, String> options = options();
        options.remove("publicKeyId");
        options.remove("publicKey");
        options.put("certificates", certificate.pem());
        WeChatPayAuth withCertificates = new WeChatPayAuth(SchemeOptions.of(options));

        assertThat(withCertificates.refuse(
                        utf8("{}"), headers(certificate.peer().sign("{}", NOW)), NOW))
                .isNull();
        assertThat(withCertificates.sign(URI.create(ADDRESS), NOW).headers())
                .containsEntry("Wechatpay-Serial", certificate.serial());
    }

    // ---- Configuration

    @ParameterizedTest
    @ValueSource(strings = {"mchid", "serialNumber", "privateKey", "publicKeyId", "publicKey"})
    void aMissingOptionIsNamed(String name) {
        Map<String, String> options = options();
        options.remove(name);

        assertThatThrownBy(() -> new WeChatPayAuth(SchemeOptions.of(options)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mchid", "serialNumber", "privateKey", "publicKey"})
    void anImpossibleOptionIsNamedButNotQuoted(String name) {
        Map<String, String> options = options();
        options.put(name, "\"hidden\", canary");

        assertThatThrownBy(() -> new WeChatPayAuth(SchemeOptions.of(options)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(name)
                .hasMessageNotContaining("canary");
    }
}
