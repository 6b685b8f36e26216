package dev.serai.connector.wechat;

import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.model.Cursor;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.platform.WeChatPayAuth;
import dev.serai.text.LogText;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads WeChat Pay's bills day by day, for the Kamelet {@code wechatpay-bill-source}. The cursor is the day of the next bill,
 * and the number of its rows that were already accepted, if any: {@code 2026-11-22+500}.
 *
 * <p>A day's bill is available from 10:00 of the next day, China time. A day counts as having no bill only after the bill of
 * the following day is due, too.
 *
 * <p>Threads: see {@link BatchPull}.
 *
 * <p>See: https://pay.weixin.qq.com/docs/merchant/apis/jsapi-payment/get-trade-bill.html
 */
public final class WeChatPayBillSource extends BatchPull {
    private static final Logger LOG = LoggerFactory.getLogger(WeChatPayBillSource.class);
    private static final ZoneOffset CHINA = ZoneOffset.ofHours(8);
    private static final Duration DUE_AFTER = Duration.ofHours(10);

    /** WeChat Pay keeps bills for three months. */
    private static final int DAYS_MAX = 89;

    /** A position in the bills: a day, and the number of its rows already read. */
    private record BillPlace(LocalDate day, int rows) {
        static BillPlace of(String cursor) {
            String[] parts = cursor.strip().split("\\+", 2);
            try {
                return new BillPlace(LocalDate.parse(parts[0]), parts.length == 1 ? 0 : Integer.parseInt(parts[1]));
            } catch (DateTimeParseException | NumberFormatException e) {
                throw new IllegalArgumentException(
                        "start and the cursor must be a day like 2026-11-22, not " + LogText.of(cursor));
            }
        }

        public BillPlace next() {
            return new BillPlace(day.plusDays(1), 0);
        }

        @Override
        public String toString() {
            return rows == 0 ? day.toString() : day + "+" + rows;
        }
    }

    private final InstantSource clock;
    private final WeChatPayBillClient client;
    private Map<String, String> authOptions = Map.of();
    private @Nullable LocalDate start;
    private @Nullable LocalDate loaded;
    private @Nullable WeChatPayBill bill;

    /**
     * @param url WeChat Pay's API, without a path
     * @param billType ALL, SUCCESS or REFUND
     */
    public WeChatPayBillSource(String url, String billType) {
        this(url, billType, Clock.systemUTC());
    }

    WeChatPayBillSource(String url, String billType, InstantSource clock) {
        this.clock = clock;
        this.client = new WeChatPayBillClient(url, billType, clock);
    }

    @Override
    protected void doInit() {
        client.authorise(new WeChatPayAuth(SchemeOptions.of(authOptions)));
    }

    @Override
    protected void doShutdown() throws IOException {
        forget();
        client.close();
    }

    // ---- Days

    /** The newest day whose bill is due. */
    private LocalDate newest() {
        return clock.instant().atOffset(CHINA).minus(DUE_AFTER).toLocalDate().minusDays(1);
    }

    @Override
    public String begin(@Nullable Cursor saved) {
        LocalDate first = start == null ? newest() : start;
        return saved == null ? first.toString() : saved.value();
    }

    @Override
    public String again(@Nullable String position, @Nullable Cursor saved) {
        return saved == null ? Objects.requireNonNull(position) : saved.value();
    }

    @Override
    public @Nullable Batch next(@Nullable String position, int recordsMax) throws IOException, PullException {
        LocalDate newest = newest();
        BillPlace at = BillPlace.of(Objects.requireNonNull(position));
        LocalDate oldest = newest.minusDays(DAYS_MAX);
        if (at.day().isBefore(oldest)) {
            LOG.warn("WeChat Pay no longer has the bills from {} on: reading continues with {}", at.day(), oldest);
            at = new BillPlace(oldest, 0);
        }
        if (at.day().isAfter(newest) || !load(at.day(), newest)) {
            forget();
            return null;
        }
        List<Object> records = bill == null ? List.of() : bill.rows(at.rows(), recordsMax);
        int end = at.rows() + records.size();
        BillPlace next = bill != null && end < bill.count() ? new BillPlace(at.day(), end) : at.next();
        String place = "bill " + at.day() + ":" + (at.rows() + 1);
        return new Batch(records, place, next.toString(), next.toString(), false);
    }

    private void forget() throws IOException {
        loaded = null;
        if (bill != null) {
            bill.close();
            bill = null;
        }
    }

    /** Loads the day's bill, if it has one; returns whether that is known. */
    private boolean load(LocalDate day, LocalDate newest) throws IOException, PullException {
        if (day.equals(loaded)) {
            return true;
        }
        forget();
        WeChatPayBillClient.Answer answer = client.bill(day);
        bill = answer.bill();
        boolean isKnown = bill != null || answer.state() == WeChatPayBillClient.State.NONE && day.isBefore(newest);
        loaded = isKnown ? day : null;
        return isKnown;
    }

    // ---- Wiring

    /** @param authOptions the options of {@link WeChatPayAuth} by name; null values are ignored */
    public void setAuthOptions(Map<String, String> authOptions) {
        this.authOptions = authOptions;
    }

    /** @param start the first day to read, like 2026-11-01 */
    public void setStart(@Nullable String start) {
        this.start =
                start == null || start.isBlank() ? null : BillPlace.of(start).day();
    }
}
