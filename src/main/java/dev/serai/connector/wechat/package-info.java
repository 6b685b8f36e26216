/**
 * The Kamelet {@code wechatpay-bill-source}. It imports {@code connector.pull}, {@code camel.ledger},
 * {@code camel.http}, the ledger and {@code signature}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.wechat;
