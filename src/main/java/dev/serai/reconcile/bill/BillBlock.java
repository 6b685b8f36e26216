package dev.serai.reconcile.bill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.egress.Egress;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.reconcile.book.BillBook.SideValue;
import java.time.InstantSource;
import java.time.LocalTime;
import java.util.Map;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * What the block {@code bill} of a reconcile file says.
 *
 * @param options how the platform is asked, by name
 * @param ledger what is compared of a change of the flow
 * @param target what is compared of a record of the target; without {@code id} and {@code time}
 * @param at when it runs each day, China time; null for never
 */
public record BillBlock(
        PlatformName platform,
        Map<String, String> options,
        SideExpressions ledger,
        SideExpressions target,
        @Nullable LocalTime at) {

    /** Makes what asks a platform; see {@link #open}. */
    @FunctionalInterface
    interface PlatformMaker {
        BillPlatform open(Map<String, String> options, Egress egress, InstantSource clock);
    }

    /** The platforms whose bills can be read. */
    public enum PlatformName {
        WECHAT_PAY("wechat-pay", "WeChat Pay", WeChatPayPlatform.NAMES, WeChatPayPlatform::new),
        ALIPAY("alipay", "Alipay", AlipayPlatform.NAMES, AlipayPlatform::new);

        private final String word;
        private final String title;
        private final Set<String> options;
        private final PlatformMaker maker;

        PlatformName(String word, String title, Set<String> options, PlatformMaker maker) {
            this.word = word;
            this.title = title;
            this.options = options;
            this.maker = maker;
        }

        /** As a file names it. */
        public String word() {
            return word;
        }

        /** As people call it. */
        String title() {
            return title;
        }

        /** The names of what has to be known to ask it. */
        Set<String> options() {
            return options;
        }
    }

    /**
     * Where a record has what is compared; each is null if it is not.
     *
     * @param id as the bill has it: the merchant's number of the order, or of the refund
     * @param time when it happened
     */
    record SideExpressions(
            @Nullable JqExpression id,
            JqExpression amount,
            SmallestUnit unit,
            @Nullable JqExpression status,
            @Nullable JqExpression time) {

        /** What a record says. Throws {@link PullException} if that cannot be read. */
        SideValue value(JsonNode record) throws PullException {
            Long fen = unit.fen(amount.value(record));
            JsonNode found = status == null ? null : status.value(record);
            if (fen == null || (status != null && found == null)) { // or it would match whatever the others say
                throw new PullException("there is no " + (fen == null ? "amount" : "status"));
            }
            return new SideValue(fen, found == null ? null : found.asText());
        }
    }

    /** Throws {@link IllegalArgumentException} with what to do, if an option is missing or wrong. */
    BillPlatform open(CamelContext camel, InstantSource clock) {
        return platform.maker.open(options, Egress.of(camel), clock);
    }
}
