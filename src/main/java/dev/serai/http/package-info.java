/** What both HTTP servers, of the flows and of the admin API, share. May import Vert.x and Netty, and nothing of Serai. */
@org.jspecify.annotations.NullMarked
package dev.serai.http;
