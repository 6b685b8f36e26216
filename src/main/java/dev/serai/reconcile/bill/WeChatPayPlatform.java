package dev.serai.reconcile.bill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.egress.Egress;
import dev.serai.camel.ledger.BrokenRecord;
import dev.serai.connector.pull.PullException;
import dev.serai.connector.wechat.WeChatPayBill;
import dev.serai.connector.wechat.WeChatPayBillClient;
import dev.serai.reconcile.book.BillBook.BillLine;
import dev.serai.reconcile.book.BillBook.SideValue;
import java.io.IOException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * WeChat Pay's trade bill, which has the payments and refunds of a day, in yuan.
 *
 * <p>Threads: one.
 *
 * <p>See: https://pay.weixin.qq.com/docs/merchant/apis/jsapi-payment/get-trade-bill.html
 */
final class WeChatPayPlatform implements BillPlatform {
    static final Set<String> NAMES = Set.of(
            "url", "billType", "mchid", "serialNumber", "privateKey", "publicKeyId", "publicKey", "certificates");

    private static final String URL = "https://api.mch.weixin.qq.com";
    private static final int ROWS_AT_ONCE = 1_000;

    private static final String COUNT = "总交易单数";
    /** The sums of these columns are in the totals, under these titles. */
    private static final Map<String, String> SUMS = Map.of(
            "应结订单总金额", "应结订单金额",
            "订单总金额", "订单金额",
            "退款总金额", "退款金额",
            "申请退款总金额", "申请退款金额");

    private static final String SUCCESS = "SUCCESS";
    private static final String PROCESSING = "PROCESSING";

    private final WeChatPayBillClient client;

    /** @param options url, billType and those of the merchant's keys @param egress not needed: it asks no server but its own */
    WeChatPayPlatform(Map<String, String> options, Egress egress, InstantSource clock) {
        this.client = WeChatPayBillClient.of(
                options.getOrDefault("url", URL), options.getOrDefault("billType", "ALL"), options, clock);
    }

    @Override
    public BillFound read(LocalDate day, Consumer<List<BillLine>> lines) throws IOException, PullException {
        WeChatPayBillClient.Answer answer = client.bill(day);
        switch (answer.state()) {
            case NOT_YET:
                return new BillFound(BillState.NOT_YET, null);
            case NONE:
                return new BillFound(BillState.NONE, null);
            default:
                break;
        }
        try (WeChatPayBill bill = Objects.requireNonNull(answer.bill(), "it was found")) {
            BillTotals sums = new BillTotals();
            int read = 0;
            while (read < bill.count()) {
                List<BillLine> found = new ArrayList<>();
                for (Object row : bill.rows(read, ROWS_AT_ONCE)) {
                    found.add(line(row));
                    if (row instanceof JsonNode cells) {
                        SUMS.forEach((title, column) ->
                                sums.add(title, cells.path(column).asText()));
                    }
                    read++;
                }
                lines.accept(found);
            }
            Map<String, String> said = new LinkedHashMap<>(bill.totals());
            String count = said.remove(COUNT);
            return new BillFound(BillState.FOUND, sums.fault(count, read, said));
        }
    }

    /** A payment has the merchant's order number, a refund the merchant's refund number. */
    private static BillLine line(Object row) {
        if (!(row instanceof JsonNode cells)) {
            BrokenRecord broken = (BrokenRecord) row;
            return new BillLine(broken.place(), new SideValue(null, null), false, broken.reason());
        }
        boolean isPayment = text(cells, "交易状态").equals(SUCCESS);
        String id = isPayment ? number(cells, "商户订单号", "微信订单号") : number(cells, "商户退款单号", "微信退款单号", "商户订单号");
        String amount = isPayment ? either(cells, "订单金额", "应结订单金额") : either(cells, "申请退款金额", "退款金额");
        String refund = text(cells, "退款状态");
        String status = isPayment || refund.isEmpty() ? SUCCESS : refund;
        boolean isOpen = !isPayment && status.equals(PROCESSING);
        try {
            long fen = SmallestUnit.YUAN.fen(amount);
            return new BillLine(id, new SideValue(isPayment ? fen : -Math.abs(fen), status), isOpen, null);
        } catch (PullException e) {
            return new BillLine(id, new SideValue(null, status), isOpen, "on the bill " + e.getMessage());
        }
    }

    /** The first of these columns that says something; no number is written as 0. */
    private static String number(JsonNode cells, String... columns) {
        for (String column : columns) {
            String text = text(cells, column);
            if (!text.isEmpty() && !text.equals("0")) {
                return text;
            }
        }
        return "";
    }

    /** Not every type of bill has the first column. */
    private static String either(JsonNode cells, String column, String other) {
        String text = text(cells, column);
        return text.isEmpty() ? text(cells, other) : text;
    }

    private static String text(JsonNode cells, String column) {
        return cells.path(column).asText().strip();
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
