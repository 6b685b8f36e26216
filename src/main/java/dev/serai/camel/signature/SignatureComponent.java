package dev.serai.camel.signature;

import java.time.InstantSource;
import java.util.Map;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/** {@code signature:SCHEME}: proves where a webhook comes from, or signs one. */
@Component("signature")
public class SignatureComponent extends DefaultComponent {

    private final InstantSource clock;
    private final SignatureLog signatureLog = new SignatureLog();

    /** For Camel, which finds components by name. */
    public SignatureComponent() {
        this(InstantSource.system());
    }

    public SignatureComponent(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        var endpoint = new SignatureEndpoint(uri, this, remaining, clock, signatureLog);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doShutdown() throws Exception {
        signatureLog.close();
        super.doShutdown();
    }
}
