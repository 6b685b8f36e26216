package dev.serai.connector.wechat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.http.HttpLimits;
import dev.serai.camel.http.LimitedConnectionFactory;
import dev.serai.connector.pull.Batch;
import dev.serai.connector.pull.BatchPull;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.ledger.model.Cursor;
import dev.serai.signature.Digest;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.platform.WeChatPayAuth;
import dev.serai.text.LogText;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.io.entity.EntityUtils;
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

    private static final String TIMEOUT = "60s";
    private static final long BILL_BYTES_MAX = 128L << 20;
    private static final int OK = 200;

    private record BillAnswer(int status, byte[] body, Map<String, List<String>> headers) {}

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
    private final URI url;
    private final String billType;
    private final CloseableHttpClient client;
    private Map<String, String> authOptions = Map.of();
    private @Nullable WeChatPayAuth auth;
    private @Nullable LocalDate start;
    private @Nullable LocalDate loaded;
    private List<Object> rows = List.of();

    /**
     * @param url WeChat Pay's API, without a path
     * @param billType ALL, SUCCESS or REFUND
     */
    public WeChatPayBillSource(String url, String billType) {
        this(url, billType, Clock.systemUTC());
    }

    WeChatPayBillSource(String url, String billType, InstantSource clock) {
        this.url = URI.create(url.strip());
        this.billType = billType;
        this.clock = clock;
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(LimitedConnectionFactory.pool(1).build());
        new HttpLimits(TIMEOUT, BILL_BYTES_MAX).configureHttpClient(builder);
        this.client = builder.build();
    }

    @Override
    protected void doInit() {
        auth = new WeChatPayAuth(SchemeOptions.of(authOptions));
    }

    @Override
    protected void doShutdown() throws IOException {
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
        int end = Math.min(rows.size(), at.rows() + recordsMax);
        BillPlace next = end < rows.size() ? new BillPlace(at.day(), end) : at.next();
        List<Object> records = at.rows() < end ? List.copyOf(rows.subList(at.rows(), end)) : List.of();
        String place = "bill " + at.day() + ":" + (at.rows() + 1);
        return new Batch(records, place, next.toString(), next.toString(), false);
    }

    private void forget() {
        loaded = null;
        rows = List.of();
    }

    /** Loads the day's rows; returns whether they are available. */
    private boolean load(LocalDate day, LocalDate newest) throws IOException, PullException {
        if (day.equals(loaded)) {
            return true;
        }
        forget();
        String bill = bill(day, newest);
        if (bill == null) {
            return false;
        }
        rows = WeChatPayBillRows.of(bill, "bill " + day);
        loaded = day;
        return true;
    }

    // ---- WeChat Pay

    /** A day's bill; empty if the day has none, null if it is not available yet. */
    private @Nullable String bill(LocalDate day, LocalDate newest) throws IOException, PullException {
        URI question = url.resolve("/v3/bill/tradebill?bill_date=" + day + "&bill_type=" + billType);
        BillAnswer answer = ask(question);
        if (answer.status() != OK) {
            String code = code(answer.body());
            if (code.equals("STATEMENT_CREATING")) {
                return null;
            }
            if (code.equals("NO_STATEMENT_EXIST")) {
                return day.isBefore(newest) ? "" : null;
            }
            throw new PullException(
                    "WeChat Pay refused the bill of " + day + ": HTTP " + answer.status() + " " + LogText.of(code));
        }
        Refusal refused = Objects.requireNonNull(auth)
                .refuse(answer.body(), name -> answer.headers().getOrDefault(lower(name), List.of()), clock.instant());
        if (refused != null) {
            throw new PullException("the answer is not believed: " + refused.detail());
        }
        return download(day, JqExpression.json(answer.body()));
    }

    /** Downloads the file and checks it against its hash, because only the hash is signed. */
    private String download(LocalDate day, JsonNode answer) throws IOException, PullException {
        String hash = answer.path("hash_value").asText();
        URI file = file(answer.path("download_url").asText());
        if (!answer.path("hash_type").asText().equals("SHA1") || file == null) {
            throw new PullException("the answer does not name a file on this server with its SHA1");
        }
        BillAnswer downloaded = ask(file);
        if (downloaded.status() != OK) {
            throw new PullException("the bill of " + day + " cannot be downloaded: HTTP " + downloaded.status() + " "
                    + LogText.of(code(downloaded.body())));
        }
        if (!HexFormat.of().formatHex(Digest.sha1(downloaded.body())).equalsIgnoreCase(hash)) {
            throw new PullException(
                    "the bill of " + day + " does not match the hash that WeChat Pay signed: it is damaged or forged");
        }
        return WeChatPayBillRows.text(downloaded.body());
    }

    /** The address of the file; null if it is on another server, which must not get a signed request. */
    private @Nullable URI file(String address) {
        try {
            URI file = URI.create(address);
            boolean same = url.getScheme().equals(file.getScheme())
                    && url.getRawAuthority().equals(file.getRawAuthority());
            return same ? file : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private BillAnswer ask(URI address) throws IOException {
        WeChatPayAuth.Signed signed = Objects.requireNonNull(auth).sign(address, clock.instant());
        HttpGet request = new HttpGet(signed.address());
        signed.headers().forEach(request::setHeader);
        return client.execute(request, WeChatPayBillSource::answer);
    }

    private static BillAnswer answer(ClassicHttpResponse response) throws IOException {
        Map<String, List<String>> headers = new HashMap<>();
        for (Header header : response.getHeaders()) {
            headers.merge(lower(header.getName()), List.of(header.getValue()), (one, other) -> {
                List<String> both = new ArrayList<>(one);
                both.addAll(other);
                return both;
            });
        }
        byte[] body = response.getEntity() == null ? new byte[0] : EntityUtils.toByteArray(response.getEntity());
        return new BillAnswer(response.getCode(), body, headers);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static String code(byte[] body) {
        try {
            return JqExpression.json(body).path("code").asText();
        } catch (IOException | PullException e) {
            return "";
        }
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
