package dev.serai.connector.tcp;

import java.util.List;

/**
 * The texts of a batch on their way to a TCP target, or its answers to them, in the same order.
 *
 * @param texts at least one
 */
record TcpSinkBatch(List<byte[]> texts) {}
