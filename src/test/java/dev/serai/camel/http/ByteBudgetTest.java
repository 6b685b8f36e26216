package dev.serai.camel.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ByteBudgetTest {
    @Test
    void serversShareTheBytesOfTheProcess() {
        ByteBudget budget = new ByteBudget(1_000);
        Admission http = new Admission(9, 800, budget);
        Admission tcp = new Admission(9, 800, budget);
        assertThat(http.hold(700)).isTrue();
        assertThat(tcp.hold(400)).as("1,100 bytes in all").isFalse();
        assertThat(tcp.hold(300)).isTrue();
        assertThat(budget.taken()).isEqualTo(1_000);

        http.back(700);
        assertThat(tcp.hold(600)).as("900 bytes of one server").isFalse();
        assertThat(tcp.hold(500))
                .as("800 bytes of one server, which leaves 200 for others")
                .isFalse();
        assertThat(tcp.hold(300)).isTrue();
        tcp.back(600);
        assertThat(budget.taken()).isZero();
    }
}
