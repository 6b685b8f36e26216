package dev.serai.camel.http;

import dev.serai.camel.egress.Egress;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.HttpComponent;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * camel-http for the users' own {@code http:} and {@code https:} endpoints, within the limits of
 * {@link LimitedConnectionFactory} and the rule of {@link Egress}, and with time-outs where Camel's own waits for ever, or for minutes. All options of {@code camel.component.http} work as they do in Camel.
 */
public final class LimitedHttpComponent extends HttpComponent {
    private static final long CONNECT_MILLIS_MAX = 5_000;
    /** How long a server may be silent, and how long a request may wait for a connection. */
    private static final long RESPONSE_MILLIS_MAX = 30_000;

    public LimitedHttpComponent() {
        setConnectTimeout(CONNECT_MILLIS_MAX);
        setConnectionRequestTimeout(RESPONSE_MILLIS_MAX);
        setResponseTimeout(RESPONSE_MILLIS_MAX);
    }

    /** One that is made while routes are loaded is written there, and its server may be an internal one. */
    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        Egress egress = Egress.of(getCamelContext());
        if (egress.isLoading()) {
            egress.written(uri);
            writtenProxy(egress, parameters.get("proxyHost"), parameters.get("proxyPort"));
            writtenProxy(egress, parameters.get("proxyAuthHost"), parameters.get("proxyAuthPort"));
        }
        writtenProxy(egress, getProxyHost(), getProxyPort());
        writtenProxy(egress, getProxyAuthHost(), getProxyAuthPort());
        return super.createEndpoint(uri, remaining, parameters);
    }

    private static void writtenProxy(Egress egress, @Nullable Object host, @Nullable Object port) {
        if (host != null && port != null && port.toString().matches("[0-9]{1,5}")) {
            egress.written(host.toString(), Integer.parseInt(port.toString()));
        }
    }

    /** As Camel's own, but for the connections. */
    @Override
    protected HttpClientConnectionManager createConnectionManager(
            TlsSocketStrategy tls, int maxTotalConnections, int connectionsPerRoute, SocketConfig socket) {
        int total = maxTotalConnections > 0 ? maxTotalConnections : getMaxTotalConnections();
        int perRoute = connectionsPerRoute > 0 ? connectionsPerRoute : getConnectionsPerRoute();
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(LimitedConnectionFactory.create())
                .setDnsResolver(Egress.of(getCamelContext()).resolver(Set.of()))
                .setTlsSocketStrategy(tls)
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.STRICT)
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setTimeToLive(TimeValue.ofMilliseconds(getConnectionTimeToLive()))
                        .build())
                .setDefaultSocketConfig(socket)
                .setMaxConnTotal(total)
                .setMaxConnPerRoute(perRoute)
                .build();
    }
}
