/**
 * The Kamelet {@code wechatpay-bill-source}. It imports {@code connector.pull}, {@code camel.http} and
 * {@code signature}.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.wechat;
