/**
 * The server of the flows' port, and the code that HTTP sources share: responses, problems, receipts, limits. It
 * imports {@code camel.ledger}, the ledger and {@code signature}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.http;
