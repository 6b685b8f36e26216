package dev.serai.ledger.cluster;

import java.util.List;

/** What a node says when another one asks how it is doing. @param parts of the targets of its shards; none if it has no shard */
public record NodeProgress(List<TargetPart> parts, NodeNews news) {}
