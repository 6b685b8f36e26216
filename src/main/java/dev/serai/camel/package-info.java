/** The Camel components: ledger, ingress and signature. */
@org.jspecify.annotations.NullMarked
package dev.serai.camel;
