package dev.serai.ledger.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LimitsTest {
    @Test
    void theMoreShardsThereAreTheLongerOutcomesWaitForOthersOfTheirShard() {
        Limits one = Limits.DEFAULT.ofShard(1);
        Limits each = Limits.DEFAULT.ofShard(16);
        assertThat(one.lingerMillisMax()).isEqualTo(Limits.DEFAULT.lingerMillisMax());
        assertThat(each.lingerMillisMax()).isEqualTo(16 * one.lingerMillisMax());
    }
}
