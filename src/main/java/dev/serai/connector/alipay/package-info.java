/**
 * Alipay's bills.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.connector.alipay;
