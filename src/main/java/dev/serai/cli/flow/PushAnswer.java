package dev.serai.cli.flow;

/**
 * What a node answered to a push.
 *
 * @param status the HTTP status; over TCP a word
 * @param body may be empty
 */
record PushAnswer(String status, boolean accepted, String body) {}
