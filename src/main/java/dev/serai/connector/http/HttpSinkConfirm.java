package dev.serai.connector.http;

import dev.serai.camel.ledger.LedgerConstants;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;

/**
 * The parameter {@code confirm} with an address: where a target is asked whether it has a change that may have arrived, before it is sent again.
 * It is asked with GET: 2xx means that it has the change, 404 and 410 that it has not, and by any other answer nobody knows.
 *
 * <p>Threads: safe.
 */
final class HttpSinkConfirm {
    /** The header of a message with path and query of the question, or the route that is asked, if it is to be asked. */
    static final String TARGET = "CamelSeraiConfirm";

    private static final String ID = "id";
    private static final String VERSION = "version";

    private HttpSinkConfirm() {}

    /**
     * The address of the questions; null without one.
     *
     * @param sink where the changes are sent
     * @throws IllegalArgumentException if it is on another server, or the same for all changes
     */
    static @Nullable HttpSinkAddress address(@Nullable String confirm, HttpSinkAddress sink) {
        if (confirm == null || confirm.isBlank()) {
            return null;
        }
        HttpSinkAddress address = new HttpSinkAddress("confirm", confirm, HttpSinkAddress.KEY, ID, VERSION);
        if (!address.hasKey()) {
            throw new IllegalArgumentException(
                    "confirm needs {id}, or {key} and {version}, in the path or the query, since it asks for one change");
        }
        if (!address.isAt(sink)) {
            throw new IllegalArgumentException("confirm must be on the server of url, since it is asked over the same"
                    + " connections and with the same credentials");
        }
        return address;
    }

    /** What stands in a place of the address. */
    static @Nullable Object value(Message change, String place) {
        return change.getHeader(
                switch (place) {
                    case ID -> LedgerConstants.ID;
                    case VERSION -> LedgerConstants.VERSION;
                    default -> LedgerConstants.KEY;
                });
    }
}
