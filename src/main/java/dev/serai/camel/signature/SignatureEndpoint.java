package dev.serai.camel.signature;

import dev.serai.camel.NonBlockingStep;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.SignatureScheme;
import dev.serai.signature.SignatureSchemeRegistry;
import dev.serai.signature.refusal.RefusalExplainer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Category;
import org.apache.camel.Component;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/** Verify the signature of a webhook over its raw bytes, or sign one. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "signature",
        title = "Signature",
        syntax = "signature:scheme",
        remote = false,
        producerOnly = true,
        category = {Category.SECURITY})
public class SignatureEndpoint extends DefaultEndpoint implements NonBlockingStep {

    /** What the endpoint does with a message. */
    public enum Action {
        VERIFY,
        SIGN
    }

    /** Built in, and quick: they need no public key. A scheme in a jar may do anything. */
    private static final Set<String> NON_BLOCKING = Set.of(
            "none",
            "hmac",
            "token",
            "basic",
            "bearer",
            "standard-webhooks",
            "github",
            "shopify",
            "slack",
            "stripe",
            "meta",
            "zoom",
            "dropbox");

    private final InstantSource clock;
    private final SignatureLog signatureLog;
    /** Of the last request, for the log of another. */
    private volatile @Nullable String path;

    @UriPath(
            description = "How the webhook is signed: the name of a signature scheme, as docs/platforms/README.md lists"
                    + " them, or of one in a jar in components/")
    @Metadata(required = true)
    private String scheme;

    @UriParam(
            enums = "verify,sign",
            defaultValue = "verify",
            description = "Whether to refuse messages without a valid signature, or to sign messages")
    private Action action = Action.VERIFY;

    @UriParam(
            label = "security",
            secret = true,
            description =
                    "The secret agreed with the other side. For standard-webhooks whsec_, whpk_ or whsk_ and base64."
                            + " Several are separated by spaces and any may match; text (hmac, github) counts as"
                            + " several only if each has 16 characters or more")
    private @Nullable String secret;

    @UriParam(
            label = "security",
            secret = true,
            description = "The secret that is being replaced; messages signed with it are still accepted")
    private @Nullable String previousSecret;

    @UriParam(
            description =
                    "The header that holds the signature, for hmac X-Signature unless set, or the secret, for token"
                            + " X-Token; only for those")
    private @Nullable String header;

    @UriParam(
            javaType = "java.time.Duration",
            defaultValue = "5m",
            description = "How far the signed time of a message may differ from now, in either direction")
    private long tolerance = SchemeOptions.DEFAULT_TOLERANCE.toMillis();

    @UriParam(
            label = "security",
            description = "The options of single schemes, as #bean:NAME of a map. A value that begins with file: is"
                    + " read from that file")
    private Map<String, String> options = Map.of();

    private @Nullable SignatureScheme keyedScheme;

    SignatureEndpoint(String uri, Component component, String scheme, InstantSource clock, SignatureLog signatureLog) {
        super(uri, component);
        this.signatureLog = signatureLog;
        this.scheme = scheme;
        this.clock = clock;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        SignatureScheme created = SignatureSchemeRegistry.create(
                scheme, new SchemeOptions(secret, previousSecret, header, Duration.ofMillis(tolerance), options));
        if (action == Action.SIGN) {
            // Fails now, not with the first message, if the keys or the scheme cannot sign.
            created.seal(new byte[0], "start", clock.instant());
        }
        keyedScheme = created;
    }

    @Override
    public Producer createProducer() {
        if (keyedScheme == null) {
            throw new IllegalStateException("The endpoint is not initialised");
        }
        return new SignatureProducer(this, keyedScheme, SignatureRefusals.of(getCamelContext()), signatureLog, clock);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("signature: verifies or signs messages; use it in 'to'");
    }

    @Override
    public boolean isNonBlocking() {
        return NON_BLOCKING.contains(scheme);
    }

    /** Remembers where its requests come. */
    void cameAt(@Nullable String requestPath) {
        if (requestPath != null && !requestPath.equals(path)) {
            path = requestPath;
        }
    }

    /** The keys of the other endpoints that verify. */
    List<RefusalExplainer.Other> others() {
        List<RefusalExplainer.Other> others = new ArrayList<>();
        for (Endpoint other : getCamelContext().getEndpoints()) {
            if (other instanceof SignatureEndpoint keyed
                    && keyed != this
                    && keyed.keyedScheme != null
                    && keyed.action == Action.VERIFY
                    && !keyed.scheme.equals("none")) {
                String where = keyed.path == null ? "another route" : "the path " + keyed.path;
                others.add(new RefusalExplainer.Other(where + " (scheme " + keyed.scheme + ")", keyed.keyedScheme));
            }
        }
        return others;
    }

    public String getScheme() {
        return scheme;
    }

    public void setScheme(String scheme) {
        this.scheme = scheme;
    }

    public Action getAction() {
        return action;
    }

    public void setAction(Action action) {
        this.action = action;
    }

    public @Nullable String getSecret() {
        return secret;
    }

    public void setSecret(@Nullable String secret) {
        this.secret = secret;
    }

    public @Nullable String getPreviousSecret() {
        return previousSecret;
    }

    public void setPreviousSecret(@Nullable String previousSecret) {
        this.previousSecret = previousSecret;
    }

    public @Nullable String getHeader() {
        return header;
    }

    public void setHeader(@Nullable String header) {
        this.header = header;
    }

    public long getTolerance() {
        return tolerance;
    }

    public void setTolerance(long tolerance) {
        this.tolerance = tolerance;
    }

    public Map<String, String> getOptions() {
        return options;
    }

    public void setOptions(Map<String, String> options) {
        this.options = options;
    }
}
