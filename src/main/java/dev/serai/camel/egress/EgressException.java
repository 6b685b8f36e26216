package dev.serai.camel.egress;

import java.net.UnknownHostException;

/**
 * An address that came from data leads to an internal one, so nothing was connected to. Trying again would not help.
 *
 * <p>An {@link UnknownHostException}, because clients may only get those from their resolvers.
 */
public final class EgressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    EgressException(String message) {
        super(message);
    }
}
