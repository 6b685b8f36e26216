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
        assertThat(held("b")).hasSize(5);
        assertThat(held("c")).hasSize(5);
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
            int most = (SHARDS + live.size() - 1) / live.size();
            live.forEach(one -> assertThat(held(one)).hasSizeBetween(SHARDS / live.size(), most));
        }
    }

    private static ClusterView inParts(String self, ClusterView.ShardRange... parts) {
        List<ClusterNode> nodes =
                List.of(new ClusterNode("a", "a", "127.0.0.1:1"), new ClusterNode("b", "b", "127.0.0.1:1"));
        List<@Nullable String> owners = new ArrayList<>();
        for (int shard = 0; shard < parts[parts.length - 1].end(); shard++) {
            owners.add(null);
        }
        return new ClusterView(self, nodes, owners, List.of(parts));
    }

    @Test
    void theShardsOfADatabaseAreSharedAmongTheNodesThatReachIt() {
        ClusterView.ShardRange ofBoth = new ClusterView.ShardRange(0, 8, List.of("a", "b"));
        ClusterView.ShardRange ofOne = new ClusterView.ShardRange(8, 16, List.of("b"));
        assertThat(ShareOut.toTake(inParts("a", ofBoth, ofOne), Set.of())).containsExactly(0, 1, 2, 3);
        assertThat(ShareOut.toTake(inParts("b", ofBoth, ofOne), Set.of()))
                .containsExactly(4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        assertThat(ShareOut.toGive(inParts("a", ofBoth, ofOne), Set.of(0, 1, 2, 3, 4, 9)))
                .containsExactly(4);
    }

    @Test
    void whatIsLeftOverOfEachDatabaseGoesToAnotherNode() {
        ClusterView.ShardRange[] parts = new ClusterView.ShardRange[4];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new ClusterView.ShardRange(i, i + 1, List.of("a", "b"));
        }
        assertThat(ShareOut.toTake(inParts("a", parts), Set.of())).containsExactly(0, 2);
        assertThat(ShareOut.toTake(inParts("b", parts), Set.of())).containsExactly(1, 3);
    }
}
