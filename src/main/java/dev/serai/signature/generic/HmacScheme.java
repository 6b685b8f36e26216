package dev.serai.signature.generic;

import dev.serai.signature.HeaderLookup;
import dev.serai.signature.HmacKey;
import dev.serai.signature.NamedFactory;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeFactory;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.TimeWindow;
import dev.serai.signature.Verdict;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import dev.serai.signature.Verdict.Verified;
import dev.serai.text.HttpText;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An HMAC of the raw body in one header, as {@code sha256=<hex>} unless the options say otherwise ({@link HmacForm}). Without a
 * signed time a copied request stays valid; only its id stops it.
 */
public final class HmacScheme implements SignatureScheme {

    /** Registers the scheme under its name. */
    public static final class HmacFactory extends NamedFactory<SignatureScheme> implements SignatureSchemeFactory {
        public HmacFactory() {
            super("hmac", HmacScheme::new);
        }
    }

    private final String header;
    private final HmacForm form;
    private final List<HmacKey> keys;
    private final TimeWindow window;

    public HmacScheme(SchemeOptions options) {
        this(headerOf(options.header()), HmacForm.of(options), options);
    }

    /** Of a platform: SHA-256 in hexadecimal digits with the prefix {@code sha256=}, or as the form says. */
    public HmacScheme(String header, SchemeOptions options) {
        this(header, HmacForm.DEFAULT, options);
    }

    /**
     * Of a platform: SHA-256 in hexadecimal digits.
     *
     * @param timeHeader the header with the signed time; null if none is signed
     * @param before what is signed before the body, with {@code {time}} for the header's text
     */
    public static HmacScheme of(
            String header, String prefix, @Nullable String timeHeader, String before, SchemeOptions options) {
        HmacForm usual = HmacForm.DEFAULT;
        return new HmacScheme(
                header, new HmacForm(usual.algorithm(), usual.bytes(), false, prefix, timeHeader, before, ""), options);
    }

    private HmacScheme(String header, HmacForm form, SchemeOptions options) {
        this.header = header;
        this.form = form;
        this.keys = options.keys(secret -> HmacKey.ofText(secret, form.algorithm()));
        this.window = new TimeWindow(options.tolerance());
    }

    private static String headerOf(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return "X-Signature";
        }
        if (!HttpText.isHeaderName(header)) {
            throw new IllegalArgumentException("header is not a valid name of an HTTP header");
        }
        return header;
    }

    @Override
    public Verdict verify(SignedRequest request, Instant now) {
        HeaderLookup headers = request.headers();
        Refusal refused = headers.refuseUnlessOnce(header);
        if (refused != null) {
            return refused;
        }
        byte[] signature = form.read(headers.value(header));
        if (signature == null) {
            return new Refusal(RefusalReason.MALFORMED, "The header " + header + " is not " + form + ".");
        }
        String time = "";
        if (form.timeHeader() != null) {
            refused = headers.refuseUnlessOnce(form.timeHeader());
            time = headers.value(form.timeHeader());
            refused = refused != null ? refused : window.refuseOutside(form.timeHeader(), time, now);
            if (refused != null) {
                return refused;
            }
        }
        byte[][] signed = form.signed(time, request.body());
        if (keys.stream().noneMatch(key -> key.matches(signature, signed))) {
            return new Refusal(
                    RefusalReason.FORGED,
                    "The header " + header + " is not this body's signature: check that both sides have the same"
                            + " secret and that nothing on the way changes the body.");
        }
        return new Verified(null);
    }

    @Override
    public Map<String, String> sign(byte[] body, String id, Instant now) {
        String time = Long.toString(now.getEpochSecond());
        String signature = form.write(keys.get(0).sign(form.signed(time, body)));
        return form.timeHeader() == null
                ? Map.of(header, signature)
                : Map.of(header, signature, form.timeHeader(), time);
    }

    @Override
    public Set<String> signatureHeaders() {
        return form.timeHeader() == null ? Set.of(header) : Set.of(header, form.timeHeader());
    }
}
