package dev.serai.connector.wechat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.http.HttpLimits;
import dev.serai.camel.http.LimitedConnectionFactory;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.platform.WeChatPayAuth;
import dev.serai.text.LogText;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/**
 * Asks WeChat Pay for the bill of a day and downloads it.
 *
 * <p>Threads: one.
 *
 * <p>See: https://pay.weixin.qq.com/docs/merchant/apis/jsapi-payment/get-trade-bill.html
 */
public final class WeChatPayBillClient implements Closeable {
    private static final String TIMEOUT = "60s";
    private static final long BILL_BYTES_MAX = 128L << 20;
    private static final int ANSWER_BYTES_MAX = 1 << 20;
    private static final int OK = 200;

    /** Whether a day has a bill. */
    public enum State {
        FOUND,
        NOT_YET,
        NONE
    }

    /** @param bill what was found, complete and signed by WeChat Pay; whoever gets it closes it */
    public record Answer(State state, @Nullable WeChatPayBill bill) {}

    private record BillAnswer(int status, byte[] body, Map<String, List<String>> headers) {}

    private record Downloaded(int status, WeChatPayBill bill) {}

    private final URI url;
    private final String billType;
    private final InstantSource clock;
    private final CloseableHttpClient client;
    private @Nullable WeChatPayAuth auth;

    /**
     * @param url WeChat Pay's API, without a path
     * @param billType ALL, SUCCESS or REFUND
     */
    WeChatPayBillClient(String url, String billType, InstantSource clock) {
        this.url = URI.create(url.strip());
        this.billType = billType;
        this.clock = clock;
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(LimitedConnectionFactory.pool(1).build());
        new HttpLimits(TIMEOUT, BILL_BYTES_MAX).configureHttpClient(builder);
        this.client = builder.build();
    }

    /**
     * A client that can ask.
     *
     * @param authOptions the options of {@link WeChatPayAuth} by name; null values are ignored
     * @throws IllegalArgumentException if one is missing or cannot be read; the message names it, never its value
     */
    public static WeChatPayBillClient of(
            String url, String billType, Map<String, String> authOptions, InstantSource clock) {
        WeChatPayAuth merchant = new WeChatPayAuth(SchemeOptions.of(authOptions));
        WeChatPayBillClient client = new WeChatPayBillClient(url, billType, clock);
        client.authorise(merchant);
        return client;
    }

    /** With what requests are signed from now on. */
    void authorise(WeChatPayAuth merchant) {
        auth = merchant;
    }

    @Override
    public void close() throws IOException {
        client.close();
    }

    /** A day's bill, if it has one. Throws {@link PullException} if it is refused or not to be believed. */
    public Answer bill(LocalDate day) throws IOException, PullException {
        BillAnswer answer = ask(url.resolve("/v3/bill/tradebill?bill_date=" + day + "&bill_type=" + billType));
        if (answer.status() != OK) {
            String code = code(answer.body());
            if (code.equals("STATEMENT_CREATING")) {
                return new Answer(State.NOT_YET, null);
            }
            if (code.equals("NO_STATEMENT_EXIST")) {
                return new Answer(State.NONE, null);
            }
            throw new PullException(
                    "WeChat Pay refused the bill of " + day + ": HTTP " + answer.status() + " " + LogText.of(code));
        }
        Refusal refused = Objects.requireNonNull(auth)
                .refuse(answer.body(), name -> answer.headers().getOrDefault(lower(name), List.of()), clock.instant());
        if (refused != null) {
            throw new PullException("the answer is not believed: " + refused.detail());
        }
        return new Answer(State.FOUND, download(day, JqExpression.json(answer.body())));
    }

    /** Downloads the file and checks it against its hash, because only the hash is signed. */
    private WeChatPayBill download(LocalDate day, JsonNode answer) throws IOException, PullException {
        String hash = answer.path("hash_value").asText();
        URI file = file(answer.path("download_url").asText());
        if (!answer.path("hash_type").asText().equals("SHA1") || file == null) {
            throw new PullException("the answer does not name a file on this server with its SHA1");
        }
        Downloaded downloaded = client.execute(signed(file), response -> downloaded(response, "bill " + day));
        WeChatPayBill found = downloaded.bill();
        try {
            if (downloaded.status() != OK) {
                throw new PullException("the bill of " + day + " cannot be downloaded: HTTP " + downloaded.status()
                        + " " + LogText.of(code(found.beginning(ANSWER_BYTES_MAX))));
            }
            if (!found.sha1().equalsIgnoreCase(hash)) {
                throw new PullException("the bill of " + day
                        + " does not match the hash that WeChat Pay signed: it is damaged or forged");
            }
            found.check();
            return found;
        } catch (IOException | PullException e) {
            found.close();
            throw e;
        }
    }

    private static Downloaded downloaded(ClassicHttpResponse response, String place) throws IOException {
        HttpEntity entity = response.getEntity();
        InputStream bytes = entity == null ? InputStream.nullInputStream() : entity.getContent();
        return new Downloaded(response.getCode(), new WeChatPayBill(bytes, place));
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
        HttpGet request = signed(address);
        return client.execute(request, response -> answer(request, response));
    }

    private HttpGet signed(URI address) {
        WeChatPayAuth.Signed signed = Objects.requireNonNull(auth).sign(address, clock.instant());
        HttpGet request = new HttpGet(signed.address());
        signed.headers().forEach(request::setHeader);
        return request;
    }

    private static BillAnswer answer(HttpGet request, ClassicHttpResponse response) throws IOException {
        Map<String, List<String>> headers = new HashMap<>();
        for (Header header : response.getHeaders()) {
            headers.merge(lower(header.getName()), List.of(header.getValue()), (one, other) -> {
                List<String> both = new ArrayList<>(one);
                both.addAll(other);
                return both;
            });
        }
        HttpEntity entity = response.getEntity();
        byte[] body = entity == null ? new byte[0] : entity.getContent().readNBytes(ANSWER_BYTES_MAX + 1);
        if (body.length > ANSWER_BYTES_MAX) {
            request.cancel(); // or closing would read the rest
            throw new IOException("the answer is longer than " + ANSWER_BYTES_MAX + " bytes");
        }
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
}
