package dev.serai.ledger;

import dev.serai.ledger.model.Store.Standing;
import dev.serai.ledger.model.TargetName;
import java.util.List;

/** Some deliveries of one target in one shard, in sequence order. */
record StandingPage(Shard shard, TargetName target, List<Standing> found) {}
