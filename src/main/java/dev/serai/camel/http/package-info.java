/**
 * The server of the flows' port, and what HTTP sources share: answers, problems, receipts, limits. It imports
 * {@code camel.ledger}, the ledger and {@code signature}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.http;
