/**
 * The durable ledger between sources and targets: accepts, delivers, reports, replays and purges changes. It imports
 * its own subpackages, and neither Camel nor SQL.
 */
@org.jspecify.annotations.NullMarked
package dev.serai.ledger;
