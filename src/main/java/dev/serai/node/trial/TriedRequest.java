package dev.serai.node.trial;

import dev.serai.camel.OutgoingRequest;
import java.util.Map;

/**
 * Something that would have left the process.
 *
 * @param method an HTTP method, or a word such as {@code append}
 * @param address where to; it may hold secrets
 * @param headers by name; their values may be secret
 * @param body empty if there is none
 */
public record TriedRequest(String method, String address, Map<String, String> headers, byte[] body) {

    static TriedRequest of(OutgoingRequest request) {
        return new TriedRequest(request.method(), request.address(), request.headers(), request.body());
    }
}
