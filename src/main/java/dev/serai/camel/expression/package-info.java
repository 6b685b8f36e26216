/**
 * The expressions in the parameters of routes: text with jq in it. It imports Camel and Jackson.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.camel.expression;
