/**
 * The code that both HTTP servers share: responses, problems, bearer tokens, limits, TLS, the addresses of clients. It imports
 * Vert.x, Netty, Jackson and {@code text}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.http;
