package dev.serai.ledger.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShareOutTest {
    private static final int SHARDS = 16;

    private final String[] owners = new String[SHARDS];
    private final List<String> live = new ArrayList<>();

    private ClusterView view(String self) {
        List<ClusterNode> nodes = live.stream()
                .sorted()
                .map(name -> new ClusterNode(name, name, "127.0.0.1:1"))
                .toList();
        List<@Nullable String> now = Arrays.asList(owners.clone());
        now.replaceAll(owner -> owner != null && !live.contains(owner) ? null : owner);
        return new ClusterView(self, nodes, now);
    }

    private Set<Integer> held(String name) {
        Set<Integer> held = new HashSet<>();
        IntStream.range(0, SHARDS).filter(shard -> name.equals(owners[shard])).forEach(held::add);
        return held;
    }

    /** Each live node acts once. */
    private void look() {
        for (String name : List.copyOf(live)) {
            ClusterView view = view(name);
            ShareOut.toGive(view, held(name)).forEach(shard -> owners[shard] = null);
            for (int shard : ShareOut.toTake(view(name), held(name))) {
                assertThat(owners[shard] == null || !live.contains(owners[shard]))
                        .as("shard %s is free", shard)
                        .isTrue();
                owners[shard] = name;
            }
        }
    }

    @Test
    void aNodeAloneTakesAllShards() {
        live.add("a");
        look();
        assertThat(held("a")).hasSize(SHARDS);
    }

    @Test
    void aNodeThatJoinsGetsItsShareAndNoShardMovesBetweenTheOthers() {
        live.addAll(List.of("a", "b"));
        look();
        look();
        assertThat(held("a")).hasSize(8);
        Set<Integer> before = held("a");
        live.add("c");
        look();
        look();
        assertThat(held("a")).hasSize(6);
        assertThat(before).containsAll(held("a"));
        assertThat(held("b")).hasSize(6);
        assertThat(held("c")).hasSize(4);
    }

    @Test
    void theShardsOfADeadNodeGoToTheOthers() {
        live.addAll(List.of("a", "b", "c"));
        look();
        look();
        live.remove("b");
        look();
        assertThat(held("a").size() + held("c").size()).isEqualTo(SHARDS);
        assertThat(held("a")).hasSize(8);
    }

    @Test
    void aNodeThatIsNoMemberTakesAndGivesNothing() {
        live.add("a");
        look();
        assertThat(ShareOut.toTake(view("gone"), Set.of())).isEmpty();
        assertThat(ShareOut.toGive(view("gone"), Set.of(1, 2))).isEmpty();
    }

    @Test
    void whateverComesAndGoesEachShardSoonHasOneNodeAndNoneHasMoreThanItsShare() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            String name = "n" + random.nextInt(9);
            if (!live.remove(name) || live.isEmpty()) {
                live.add(name);
            }
            for (int i = 0; i < 3; i++) {
                look();
            }
            ClusterView view = view(live.get(0));
            assertThat(view.owners()).as("%s", live).doesNotContainNull();
            live.forEach(one -> assertThat(held(one)).hasSizeLessThanOrEqualTo(ShareOut.share(view)));
        }
    }
}
