package dev.serai.camel;

import java.util.Map;

/**
 * Something that leaves this process.
 *
 * @param method what is done there: an HTTP method, or a word such as {@code append}
 * @param address where; it may hold secrets
 * @param headers by name; their values may be secret
 * @param body empty if there is none
 */
public record OutgoingRequest(String method, String address, Map<String, String> headers, byte[] body) {}
