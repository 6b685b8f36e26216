package dev.serai.node;

import dev.serai.camel.egress.Egress;
import dev.serai.node.route.KameletOptions;
import dev.serai.node.route.RouteModel;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Endpoint;
import org.apache.camel.ExtendedCamelContext;
import org.apache.camel.component.kamelet.KameletComponent;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.component.kamelet.KameletEndpointUriFactory;
import org.apache.camel.spi.EndpointUriFactory;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/**
 * Camel's Kamelet component, changed to pass on parameters as they were written. Bind it in the registry as {@code kamelet}.
 *
 * <p>Camel's own component consumes the option {@code timeout}, so a sink's time-out stays at its default. It also converts
 * the parameters of a YAML route to a URI, where an address loses the text after its first {@code &}, and a secret its
 * {@code +} and {@code %}.
 */
public final class SeraiKamelets extends KameletComponent implements EndpointUriFactory {
    private static final String PEM = "-----BEGIN ";
    private static final String TIMEOUT = "timeout";
    private static final Set<String> AS_WRITTEN = Set.of(
            "alipayPublicKey",
            "allowHosts",
            "apiV3Key",
            "bearerToken",
            "body",
            "certificates",
            "clientId",
            "clientSecret",
            "contentType",
            "credentialHosts",
            "cursor",
            "delimiter",
            "directory",
            "encodingAesKey",
            "fileName",
            "headers",
            "include",
            "items",
            "keyPassword",
            "keyStore",
            "next",
            "nextHeader",
            "password",
            "previousSecret",
            "privateKey",
            "publicKey",
            "query",
            "records",
            "schedule",
            "scope",
            "secret",
            "start",
            "timeFormat",
            "token",
            "tokenUrl",
            "trustedCertificates",
            "url",
            "username",
            "verificationToken",
            "zone");

    /** What Camel does not know for a secret by its name, and would show with an endpoint. Each call replaces what one before said. */
    private static final String MORE_SECRETS = "apiV3Key,body,encodingAesKey,headers,query";

    private final KameletEndpointUriFactory uris = new KameletEndpointUriFactory();
    private volatile @Nullable String addedRoute;

    public SeraiKamelets() {
        URISupport.addSanitizeKeywords(MORE_SECRETS);
    }

    /**
     * Sets the route that is being added to a running context; null after it was added. Camel forgets it after the route's
     * first Kamelet, so that the next ones do not get the route's error handler.
     */
    public void adding(@Nullable String routeId) {
        addedRoute = routeId;
        Egress.of(getCamelContext()).loading(routeId != null);
    }

    /** A key in PEM has several lines, which no URI may have, and any white space will do for it. */
    @Override
    public Endpoint createEndpoint(String uri, @Nullable Map<String, Object> properties) throws Exception {
        return super.createEndpoint(uri.contains(PEM) ? uri.replaceAll("\\R", " ") : uri, properties);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        ExtendedCamelContext context = getCamelContext().getCamelContextExtension();
        if (addedRoute != null && context.getCreateRoute() == null) {
            context.createRoute(addedRoute);
        }
        Object timeout = parameters.get(TIMEOUT);
        Set<String> given = Set.copyOf(parameters.keySet());
        Endpoint endpoint = super.createEndpoint(uri, remaining, parameters);
        // Before any route starts: a misspelt parameter may leave a port open to everybody.
        KameletOptions.refuseUnknown(RouteModel.model(getCamelContext()), remaining, given);
        if (timeout != null && endpoint instanceof KameletEndpoint kamelet) {
            Map<String, Object> properties = new HashMap<>(kamelet.getKameletProperties());
            properties.put(TIMEOUT, timeout);
            kamelet.setKameletProperties(properties);
        }
        return endpoint;
    }

    @Override
    public boolean isEnabled(String scheme) {
        return uris.isEnabled(scheme);
    }

    @Override
    public String buildUri(String scheme, Map<String, Object> properties) throws URISyntaxException {
        return uris.buildUri(scheme, properties);
    }

    @Override
    public String buildUri(String scheme, Map<String, Object> properties, boolean encode) throws URISyntaxException {
        return uris.buildUri(scheme, properties, encode);
    }

    @Override
    public Set<String> propertyNames() {
        return uris.propertyNames();
    }

    /** All parameters that may contain characters with a meaning in URIs, because Camel passes on secrets unchanged. */
    @Override
    public Set<String> secretPropertyNames() {
        return AS_WRITTEN;
    }

    @Override
    public Map<String, String> multiValuePrefixes() {
        return uris.multiValuePrefixes();
    }

    @Override
    public boolean isLenientProperties() {
        return uris.isLenientProperties();
    }
}
