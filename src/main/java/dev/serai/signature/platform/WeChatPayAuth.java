package dev.serai.signature.platform;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.serai.signature.HeaderLookup;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.RequestAuth;
import dev.serai.signature.RequestAuthFactory;
import dev.serai.signature.RsaKeys;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.Verdict.Refusal;
import java.net.URI;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Calls WeChat Pay's API, version 3: signs GETs with the merchant's key, and accepts only answers that WeChat Pay
 * signed. Answers other than 2xx may have no signature; do not use their content, and do not pass them in here.
 *
 * <p>Options: {@code mchid}, {@code serialNumber} (of the merchant's API certificate) and {@code privateKey}; for the
 * answers {@code publicKeyId} and {@code publicKey}, or {@code certificates}, as in {@link WeChatPayScheme}.
 *
 * <p>See: https://pay.weixin.qq.com/docs/merchant/development/interface-rules/signature-generation.html and
 * https://pay.weixin.qq.com/doc/v3/merchant/4013053249
 */
public final class WeChatPayAuth implements RequestAuth {

    /** Registers the way to sign requests under its name. */
    public static final class WeChatPayAuthFactory extends NamedFactory<RequestAuth> implements RequestAuthFactory {
        public WeChatPayAuthFactory() {
            super("wechatpay", WeChatPayAuth::new);
        }
    }

    private static final int NONCE_BYTES = 16;
    private static final Pattern PLAIN = Pattern.compile("[0-9A-Za-z_-]+");

    private final String mchid;
    private final String serialNumber;
    private final PrivateKey privateKey;
    private final WeChatPayKeys keys;
    private final String keySerial;
    private final SecureRandom random = new SecureRandom();

    /**
     * Reads the options.
     *
     * @throws IllegalArgumentException if one is missing or cannot be read; the message names it, never its value
     */
    public WeChatPayAuth(SchemeOptions options) {
        mchid = plain(options, "mchid");
        serialNumber = plain(options, "serialNumber");
        privateKey = options.required("privateKey", RsaKeys::privateKey);
        keys = new WeChatPayKeys(options);
        String serial = keys.preferredSerial();
        if (serial == null) {
            throw new IllegalArgumentException(
                    "publicKeyId, publicKey and certificates are all empty: set the first two, or the last");
        }
        keySerial = serial;
    }

    private static String plain(SchemeOptions options, String name) {
        String value = options.required(name);
        if (!PLAIN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    name + " may have letters and digits only: take it from the merchant platform");
        }
        return value;
    }

    @Override
    public Signed sign(URI address, Instant now) {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        String nonce = HexFormat.of().formatHex(bytes);
        String timestamp = Long.toString(now.getEpochSecond());
        URI sent = URI.create(address.toASCIIString());
        String message = "GET\n" + pathAndQuery(sent) + "\n" + timestamp + "\n" + nonce + "\n\n";
        String signature = Base64.getEncoder().encodeToString(RsaKeys.sign(privateKey, message.getBytes(US_ASCII)));
        String authorization = WeChatPayKeys.RSA + " mchid=\"" + mchid + "\",nonce_str=\"" + nonce + "\",timestamp=\""
                + timestamp + "\",serial_no=\"" + serialNumber + "\",signature=\"" + signature + "\"";
        return new Signed(
                sent,
                Map.of(
                        "Authorization",
                        authorization,
                        "Accept",
                        "application/json", // without it WeChat Pay answers 4xx
                        WeChatPayKeys.SERIAL,
                        keySerial)); // the key that must sign the answer
    }

    /** As sent: decoding would change the signed text. */
    private static String pathAndQuery(URI address) {
        String path = address.getRawPath();
        String query = address.getRawQuery();
        return (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
    }

    @Override
    public @Nullable Refusal refuse(byte[] body, HeaderLookup headers, Instant now) {
        return keys.refuse(headers, body, now);
    }
}
