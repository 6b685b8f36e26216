package dev.serai.trace;

/** Which side of a call a span is. */
public enum SpanRole {
    /** A request that came. */
    SERVER,
    /** Work within the node. */
    INTERNAL,
    /** A request that is sent. */
    CLIENT
}
