/**
 * What both HTTP servers, of the flows and of the admin API, share: answers, problems, bearer tokens, limits. May import
 * Vert.x, Netty, Jackson and {@code text}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.http;
