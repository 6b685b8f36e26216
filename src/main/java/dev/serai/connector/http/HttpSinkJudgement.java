package dev.serai.connector.http;

/** What an answer says of a change. */
enum HttpSinkJudgement {
    /** The target has it. */
    DELIVERED,
    /** It is tried again. */
    RETRY,
    /** The same as {@link #RETRY}, with a new access token if there can be one. Its cause is none of the change's. */
    EXPIRED,
    /** It is given up. */
    DEAD
}
