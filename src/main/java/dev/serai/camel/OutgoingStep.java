package dev.serai.camel;

import org.apache.camel.Exchange;

/**
 * A step of a Kamelet that brings a message out of this process, and can tell what it would bring, for {@code try} and {@code
 * test}.
 *
 * <p>Threads: safe.
 */
public interface OutgoingStep {
    /**
     * What it would send for this exchange. Nothing is opened or sent, and the exchange stays as it is.
     *
     * @throws Exception what the step would fail with before it sends
     */
    OutgoingRequest request(Exchange exchange) throws Exception;
}
