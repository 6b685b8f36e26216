package dev.serai.signature.refusal;

import dev.serai.signature.HeaderLookup;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignedRequest;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.Verdict.RefusalReason;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds out why a signature was refused, for the operator: tries what commonly goes wrong between a sender and here until the
 * signature fits. What it finds must not be shown to the sender.
 *
 * <p>Threads: safe.
 */
public final class RefusalExplainer {
    /** What is tried costs time for each byte. */
    private static final int BODY_BYTES_MAX = 256 * 1024;

    private static final Pattern OFF = Pattern.compile("(\\d+) s in the (past|future)");

    /** @param name of keys that are configured elsewhere, for the log */
    public record Other(String name, SignatureScheme scheme) {}

    private final SignatureScheme scheme;
    private final SignedRequest request;
    private final Map<String, String> headers;
    private final Instant now;

    private RefusalExplainer(SignatureScheme scheme, SignedRequest request, Map<String, String> headers, Instant now) {
        this.scheme = scheme;
        this.request = request;
        this.headers = headers;
        this.now = now;
    }

    /**
     * The cause, or null if none of the known ones fits.
     *
     * @param headers all of the request's that are known
     * @param others the keys that other sources have
     */
    public static @Nullable String explain(
            SignatureScheme scheme,
            Refusal refused,
            SignedRequest request,
            Map<String, String> headers,
            Instant now,
            List<Other> others) {
        RefusalExplainer explainer = new RefusalExplainer(scheme, request, headers, now);
        String cause = refused.reason() == RefusalReason.STALE ? explainer.clock(refused.detail()) : null;
        cause = cause != null ? cause : explainer.otherKeys(others);
        cause = cause != null ? cause : explainer.renamedHeader();
        cause = cause != null ? cause : explainer.headerText();
        return cause != null || request.body().length > BODY_BYTES_MAX ? cause : explainer.body();
    }

    private @Nullable String clock(String detail) {
        Matcher off = OFF.matcher(detail);
        if (!off.find() || off.group(1).length() > 12) {
            return null;
        }
        long seconds = Long.parseLong(off.group(1)) * (off.group(2).equals("past") ? -1 : 1);
        return fits(scheme, request, now.plusSeconds(seconds))
                ? "the signature is right, but its time is " + off.group()
                        + ": one of the clocks is wrong, or an old request is sent again"
                : null;
    }

    private @Nullable String otherKeys(List<Other> others) {
        for (Other other : others) {
            if (fits(other.scheme(), request, now)) {
                return "it fits the keys of " + other.name() + ": the address or the keys are mixed up";
            }
        }
        return null;
    }

    /** A proxy may add something to a name, or write it otherwise. */
    private @Nullable String renamedHeader() {
        for (String name : scheme.signatureHeaders()) {
            if (!request.headers().values(name).isEmpty()) {
                continue;
            }
            for (Map.Entry<String, String> header : headers.entrySet()) {
                String found = letters(header.getKey());
                if ((found.endsWith(letters(name)) || letters(name).endsWith(found))
                        && fits(scheme, with(name, header.getValue()), now)) {
                    return "the header " + name + " came as " + header.getKey() + ": a proxy renamed it";
                }
            }
        }
        return null;
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "").replaceFirst("^x", "");
    }

    private @Nullable String headerText() {
        Set<String> names = scheme.signatureHeaders();
        for (String name : names) {
            String value = request.headers().value(name);
            if (value.isEmpty()) {
                continue;
            }
            for (Map.Entry<String, String> variant :
                    SignedVariant.ofHeader(value).entrySet()) {
                if (fits(scheme, with(name, variant.getValue()), now)) {
                    return "the header " + name + " " + variant.getKey();
                }
            }
        }
        return null;
    }

    private @Nullable String body() {
        if (request.body().length == 0) {
            return "the body is empty: something on the way took it, or a client sends none";
        }
        for (Map.Entry<String, byte[]> variant :
                SignedVariant.ofBody(request.body()).entrySet()) {
            SignedRequest changed =
                    new SignedRequest(request.method(), request.query(), request.headers(), variant.getValue());
            if (fits(scheme, changed, now)) {
                return "the body was changed after it was signed: " + variant.getKey();
            }
        }
        return null;
    }

    private SignedRequest with(String header, String value) {
        HeaderLookup before = request.headers();
        HeaderLookup after = name -> name.equalsIgnoreCase(header) ? List.of(value) : before.values(name);
        return new SignedRequest(request.method(), request.query(), after, request.body());
    }

    private static boolean fits(SignatureScheme scheme, SignedRequest request, Instant now) {
        return !(scheme.verify(request, now) instanceof Refusal);
    }
}
