package dev.serai.camel.ingress;

import dev.serai.camel.http.HttpAnswerWriter;
import dev.serai.camel.http.InboundHeaders;
import dev.serai.signature.SignatureSchemeRegistry;
import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * Receive HTTP requests on an exact path, with their raw bytes, and answer when the route is done.
 *
 * <p>The message: the body as {@code byte[]}; the allowed headers, see {@link InboundHeaders}; and
 * {@code CamelHttpMethod}, {@code CamelHttpPath} and, if there is one, {@code CamelHttpQuery}, undecoded. The answer:
 * see {@link HttpAnswerWriter}.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "ingress",
        title = "Ingress",
        syntax = "ingress:path",
        consumerOnly = true,
        remote = true,
        category = {Category.HTTP})
public class IngressEndpoint extends DefaultEndpoint {

    @UriPath(description = "The exact path, as in /hooks/orders.")
    @Metadata(required = true)
    private String path;

    @UriParam(
            defaultValue = "POST",
            description = "The methods accepted, separated by commas, besides those that the scheme needs; others are"
                    + " answered 405.")
    private String methods = "POST";

    @UriParam(
            description = "Headers passed to the route besides Content-Type, webhook-* and X-*: names and prefix*,"
                    + " separated by commas.")
    private @Nullable String headers;

    @UriParam(description = "A signature scheme: the headers that it reads are passed to the route, too.")
    private @Nullable String scheme;

    @UriParam(
            defaultValue = "30s",
            javaType = "java.time.Duration",
            description = "How long a body may take to arrive; then the answer is 408 and the connection is closed.")
    private long bodyTimeout = 30_000;

    @UriParam(
            label = "security",
            description =
                    "A PEM file of authorities: a client needs a certificate from one of them. Needs TLS on the flows'"
                            + " port.")
    private @Nullable String trustedCertificates;

    @UriParam(
            label = "security",
            description =
                    "With trustedCertificates: a distinguished name, as CN=shop,O=Example; the subject of a client's"
                            + " certificate must have each of its parts.")
    private @Nullable String clientSubject;

    @UriParam(
            label = "security",
            defaultValue = "0",
            description = "How many requests a second are taken, 0 for any number; more are answered 429.")
    private double rate;

    @UriParam(
            label = "security",
            defaultValue = "0",
            description = "How many requests a second are taken from one client's address, 0 for any number; more are"
                    + " answered 429.")
    private double ratePerSender;

    IngressEndpoint(String uri, IngressComponent component, String path) {
        super(uri, component);
        this.path = path;
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException("ingress: only receives, use it in from");
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        IngressConsumer consumer = new IngressConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public IngressComponent getComponent() {
        return (IngressComponent) super.getComponent();
    }

    Set<HttpMethod> methodSet() {
        Set<HttpMethod> set = Arrays.stream(methods.split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .map(name -> HttpMethod.valueOf(name.toUpperCase(Locale.ROOT)))
                .collect(Collectors.toUnmodifiableSet());
        if (scheme != null && !set.isEmpty()) {
            set = new HashSet<>(set);
            for (String name : SignatureSchemeRegistry.factory(scheme).methods()) {
                set.add(HttpMethod.valueOf(name));
            }
        }
        if (set.isEmpty()) {
            throw new IllegalArgumentException(
                    "ingress:" + path + " has no method: name at least one, as in methods=POST");
        }
        return set;
    }

    /** Which request headers reach the route. */
    InboundHeaders inboundHeaders() {
        Set<String> named = new HashSet<>();
        if (headers != null) {
            named.addAll(Arrays.asList(headers.split(",", -1)));
        }
        return new InboundHeaders(
                named,
                scheme == null
                        ? Set.of()
                        : SignatureSchemeRegistry.factory(scheme).requestHeaders());
    }

    /** Those that clients must have; null if they need none. */
    @Nullable ClientCertificates clientCertificates() {
        if (trustedCertificates != null) {
            return new ClientCertificates(path, trustedCertificates, clientSubject);
        }
        if (clientSubject != null) {
            throw new IllegalArgumentException("ingress:" + path
                    + " has a clientSubject, but no trustedCertificates: set it to a PEM file with their authority");
        }
        return null;
    }

    RequestRate requestRate() {
        return new RequestRate(perSecond("rate", rate), perSecond("ratePerSender", ratePerSender), System::nanoTime);
    }

    private double perSecond(String option, double value) {
        if (value >= 0 && value < Double.POSITIVE_INFINITY) {
            return value;
        }
        throw new IllegalArgumentException(
                option + " of ingress:" + path + " must be a number of requests a second from 0 on, not " + value);
    }

    public String getPath() {
        return path;
    }

    public void setPath(String path) {
        this.path = path;
    }

    public String getMethods() {
        return methods;
    }

    public void setMethods(String methods) {
        this.methods = methods;
    }

    public @Nullable String getHeaders() {
        return headers;
    }

    public void setHeaders(@Nullable String headers) {
        this.headers = headers;
    }

    public @Nullable String getScheme() {
        return scheme;
    }

    public void setScheme(@Nullable String scheme) {
        this.scheme = scheme;
    }

    public long getBodyTimeout() {
        return bodyTimeout;
    }

    public void setBodyTimeout(long bodyTimeout) {
        this.bodyTimeout = bodyTimeout;
    }

    public @Nullable String getTrustedCertificates() {
        return trustedCertificates;
    }

    public void setTrustedCertificates(@Nullable String trustedCertificates) {
        this.trustedCertificates = trustedCertificates;
    }

    public @Nullable String getClientSubject() {
        return clientSubject;
    }

    public void setClientSubject(@Nullable String clientSubject) {
        this.clientSubject = clientSubject;
    }

    public double getRate() {
        return rate;
    }

    public void setRate(double rate) {
        this.rate = rate;
    }

    public double getRatePerSender() {
        return ratePerSender;
    }

    public void setRatePerSender(double ratePerSender) {
        this.ratePerSender = ratePerSender;
    }
}
