package dev.serai.reconcile.bill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.serai.connector.pull.PullException;
import java.math.BigDecimal;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallestUnitTest {
    @Test
    void yuanBecomeFenExactly() throws Exception {
        assertThat(SmallestUnit.YUAN.fen("65.00")).isEqualTo(6_500);
        assertThat(SmallestUnit.YUAN.fen("0.1")).isEqualTo(10);
        assertThat(SmallestUnit.YUAN.fen("-90071992547409.93")).isEqualTo(-9_007_199_254_740_993L);
        assertThat(SmallestUnit.YUAN.fen(new DecimalNode(new BigDecimal("0.29"))))
                .isEqualTo(29);
        assertThat(SmallestUnit.YUAN.fen(new TextNode("0.29"))).isEqualTo(29);
        assertThat(SmallestUnit.FEN.fen(LongNode.valueOf(29))).isEqualTo(29);
        assertThat(SmallestUnit.FEN.fen(DoubleNode.valueOf(6_500))).isEqualTo(6_500);
        assertThat(SmallestUnit.yuan(-1_05)).isEqualTo("-1.05");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "65.005", "1e99", "1e999999999", "1e-999999999", "1,000.00", "¥1"})
    void whatIsNotAWholeNumberOfFenIsRefused(String text) {
        assertThatThrownBy(() -> SmallestUnit.YUAN.fen(text))
                .isInstanceOf(PullException.class)
                .hasMessageContaining("is not a number of whole fen");
    }

    @Test
    void aFractionOfAFenIsNotRounded() {
        assertThatThrownBy(() -> SmallestUnit.FEN.fen(DoubleNode.valueOf(0.1 + 0.2)))
                .isInstanceOf(PullException.class);
    }

    @Test
    void timesAreReadAsPlatformsWriteThem() {
        Instant time = Instant.parse("2026-11-20T02:34:56Z");
        assertThat(BillDays.instant("2026-11-20T10:34:56+08:00")).isEqualTo(time);
        assertThat(BillDays.instant("2026-11-20 10:34:56")).isEqualTo(time);
        assertThat(BillDays.instant("2026-11-20T02:34:56Z")).isEqualTo(time);
        assertThat(BillDays.instant(String.valueOf(time.getEpochSecond()))).isEqualTo(time);
        assertThat(BillDays.instant(String.valueOf(time.toEpochMilli()))).isEqualTo(time);
        assertThat(BillDays.instant("yesterday")).isNull();
    }
}
