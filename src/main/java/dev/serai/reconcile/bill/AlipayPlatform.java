package dev.serai.reconcile.bill;

import dev.serai.camel.egress.Egress;
import dev.serai.connector.alipay.AlipayBill;
import dev.serai.connector.alipay.AlipayBill.BillTotal;
import dev.serai.connector.alipay.AlipayBillClient;
import dev.serai.connector.pull.PullException;
import dev.serai.reconcile.book.BillBook.BillLine;
import dev.serai.reconcile.book.BillBook.SideValue;
import java.io.IOException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Alipay's trade bill, which has the payments and refunds of a day, in yuan.
 *
 * <p>Threads: one.
 *
 * <p>See: {@link AlipayBillClient}
 */
final class AlipayPlatform implements BillPlatform {
    static final Set<String> NAMES = Set.of("url", "billType", "appId", "privateKey", "alipayPublicKey");

    private static final String URL = "https://openapi.alipay.com/gateway.do";
    private static final int ROWS_AT_ONCE = 1_000;
    private static final String PAYMENT = "交易";
    private static final String REFUND = "退款";

    private static final Set<String> ALL = Set.of(PAYMENT, REFUND);
    private static final Map<String, Set<String>> TYPES =
            Map.of("ALL", ALL, "SUCCESS", Set.of(PAYMENT), "REFUND", Set.of(REFUND));

    private final AlipayBillClient client;
    /** The rows that are compared; Alipay has one bill for all. */
    private final Set<String> types;

    /** @param options url, billType and those of the app's keys */
    AlipayPlatform(Map<String, String> options, Egress egress, InstantSource clock) {
        Set<String> known = TYPES.get(options.getOrDefault("billType", "ALL"));
        if (known == null) {
            throw new IllegalArgumentException("billType is ALL, SUCCESS or REFUND");
        }
        this.types = known;
        this.client = new AlipayBillClient(options.getOrDefault("url", URL), options, egress, clock);
    }

    @Override
    public BillFound read(LocalDate day, Consumer<List<BillLine>> lines) throws IOException, PullException {
        try (AlipayBill bill = client.bill(day)) {
            if (bill == null) {
                return new BillFound(BillState.NONE, null);
            }
            List<BillLine> found = new ArrayList<>();
            BillTotals sums = new BillTotals();
            Map<String, Long> counts = new HashMap<>();
            int[] rows = new int[1];
            List<BillTotal> said = bill.read((cells, fault) -> {
                rows[0]++;
                String type = cell(cells, "业务类型");
                if (types.contains(type) || !ALL.contains(type)) {
                    found.add(line(cells, fault, rows[0]));
                }
                counts.merge(type, 1L, Long::sum);
                sums.add(type, cell(cells, "商家实收（元）"));
                if (found.size() == ROWS_AT_ONCE) {
                    lines.accept(List.copyOf(found));
                    found.clear();
                }
            });
            lines.accept(found);
            return new BillFound(BillState.FOUND, fault(said, counts, sums));
        }
    }

    private static @Nullable String fault(List<BillTotal> said, Map<String, Long> counts, BillTotals sums) {
        Map<String, String> amounts = new TreeMap<>();
        for (BillTotal one : said) {
            String fault = sums.fault(one.count(), counts.getOrDefault(one.type(), 0L), Map.of(one.type(), one.yuan()));
            if (fault != null) {
                amounts.put(one.type(), one.type() + ": " + fault);
            }
        }
        return amounts.isEmpty() ? null : String.join("; ", amounts.values());
    }

    /** A payment has the merchant's order number, a refund the number of its request. */
    private static BillLine line(Map<String, String> cells, @Nullable String broken, int number) {
        String type = cell(cells, "业务类型");
        String order = cell(cells, "商户订单号");
        boolean isPayment = type.equals(PAYMENT);
        if (broken != null || !(isPayment || type.equals(REFUND)) || order.isEmpty()) {
            String why = broken != null ? broken : "its type is " + type + ", or it has no number";
            return new BillLine(
                    "bill:" + number, new SideValue(null, null), false, "on the bill row " + number + ": " + why);
        }
        String request = cell(cells, "退款批次号/请求号");
        String refund = request.isEmpty() || request.equals(order) ? order + "/refund" : request;
        String status = isPayment ? "TRADE_SUCCESS" : "REFUND_SUCCESS";
        try {
            long fen = SmallestUnit.YUAN.fen(cell(cells, "订单金额（元）"));
            return new BillLine(
                    isPayment ? order : refund, new SideValue(isPayment ? fen : -Math.abs(fen), status), false, null);
        } catch (PullException e) {
            return new BillLine(
                    isPayment ? order : refund, new SideValue(null, status), false, "on the bill " + e.getMessage());
        }
    }

    private static String cell(Map<String, String> cells, String column) {
        return cells.getOrDefault(column, "");
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
