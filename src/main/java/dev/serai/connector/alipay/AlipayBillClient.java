package dev.serai.connector.alipay;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.camel.egress.Egress;
import dev.serai.camel.http.HttpLimits;
import dev.serai.camel.http.LimitedConnectionFactory;
import dev.serai.connector.pull.JqExpression;
import dev.serai.connector.pull.PullException;
import dev.serai.signature.SchemeOptions;
import dev.serai.signature.Verdict.Refusal;
import dev.serai.signature.platform.AlipayAuth;
import dev.serai.text.LogText;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/**
 * Asks Alipay for the trade bill of a day and downloads it.
 *
 * <p>Alipay signs the address of the file, which is valid for 30 s, and not the file. So the file is fetched by HTTPS, even if the
 * address says HTTP, unless the gateway itself is asked by HTTP.
 *
 * <p>Threads: one.
 *
 * <p>See: https://opendocs.alipay.com/open/02e7gr (alipay.data.dataservice.bill.downloadurl.query)
 */
public final class AlipayBillClient implements Closeable {
    private static final String TIMEOUT = "60s";
    private static final long BILL_BYTES_MAX = 128L << 20;
    private static final int ANSWER_BYTES_MAX = 1 << 20;
    private static final int OK = 200;
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final String METHOD = "alipay.data.dataservice.bill.downloadurl.query";
    private static final String RESPONSE = "alipay_data_dataservice_bill_downloadurl_query_response";
    private static final String SUCCESS = "10000";
    private static final String NOT_EXIST = "bill_not_exist";

    private final URI gateway;
    private final AlipayAuth auth;
    private final InstantSource clock;
    private final CloseableHttpClient client;

    private record GatewayBody(int status, byte[] body) {}

    private record DownloadedFile(int status, AlipayBill bill) {}

    /**
     * A client that can ask.
     *
     * @param gateway the address of Alipay's gateway, without a query
     * @param authOptions the options of {@link AlipayAuth} by name
     * @param egress which internal servers the address of a file may lead to
     * @throws IllegalArgumentException if one is missing or cannot be read; the message names it, never its value
     */
    public AlipayBillClient(String gateway, Map<String, String> authOptions, Egress egress, InstantSource clock) {
        this.gateway = URI.create(gateway.strip());
        if (this.gateway.getHost() == null) {
            throw new IllegalArgumentException("url has to be the address of Alipay's gateway");
        }
        this.auth = new AlipayAuth(SchemeOptions.of(authOptions));
        this.clock = clock;
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(LimitedConnectionFactory.pool(1)
                        .setDnsResolver(egress.resolver(Set.of(server())))
                        .build());
        new HttpLimits(TIMEOUT, BILL_BYTES_MAX).configureHttpClient(builder);
        this.client = builder.build();
    }

    private String server() {
        int port = gateway.getPort() > 0
                ? gateway.getPort()
                : "https".equals(gateway.getScheme()) ? HTTPS_PORT : HTTP_PORT;
        return Egress.server(gateway.getHost(), port);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }

    /**
     * A day's bill, which whoever gets it closes; null if Alipay says that there is none. Throws {@link PullException} if it is
     * refused or not to be believed.
     */
    public @Nullable AlipayBill bill(LocalDate day) throws IOException, PullException {
        String content = "{\"bill_type\":\"trade\",\"bill_date\":\"" + day + "\"}";
        URI question = URI.create(
                gateway + "?method=" + METHOD + "&biz_content=" + URLEncoder.encode(content, StandardCharsets.UTF_8));
        HttpGet request = new HttpGet(auth.sign(question, clock.instant()).address());
        GatewayBody answer = client.execute(request, response -> body(request, response));
        if (answer.status() != OK) {
            throw new PullException("Alipay refused the bill of " + day + ": HTTP " + answer.status());
        }
        Refusal refused = auth.refuse(answer.body(), name -> List.of(), clock.instant());
        if (refused != null) {
            throw new PullException("the answer is not believed: " + refused.detail());
        }
        JsonNode response = JqExpression.json(answer.body()).path(RESPONSE);
        String code = response.path("code").asText();
        String detail = response.path("sub_code").asText();
        if (detail.toLowerCase(Locale.ROOT).endsWith(NOT_EXIST)) {
            return null;
        }
        if (!code.equals(SUCCESS)) {
            throw new PullException("Alipay refused the bill of " + day + ": " + LogText.of(code) + " "
                    + LogText.of(detail.isEmpty() ? response.path("msg").asText() : detail));
        }
        return download(day, response.path("bill_download_url").asText());
    }

    private AlipayBill download(LocalDate day, String address) throws IOException, PullException {
        HttpGet request = new HttpGet(file(address));
        DownloadedFile file = client.execute(request, AlipayBillClient::downloaded);
        if (file.status() != OK) {
            file.bill().close();
            throw new PullException("the bill of " + day + " cannot be downloaded: HTTP " + file.status());
        }
        return file.bill();
    }

    private URI file(String address) throws PullException {
        try {
            URI file = URI.create(address);
            String scheme = String.valueOf(file.getScheme());
            if (scheme.equals("http") && "https".equals(gateway.getScheme()) && file.getPort() < 0) {
                return URI.create("https" + address.substring(scheme.length()));
            }
            if (file.getHost() != null && scheme.equals(gateway.getScheme())) {
                return file;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new PullException("the answer does not name a file that can be fetched by HTTPS");
    }

    private static GatewayBody body(HttpGet request, ClassicHttpResponse response) throws IOException {
        HttpEntity entity = response.getEntity();
        byte[] body = entity == null ? new byte[0] : entity.getContent().readNBytes(ANSWER_BYTES_MAX + 1);
        if (body.length > ANSWER_BYTES_MAX) {
            request.cancel(); // or closing would read the rest
            throw new IOException("the answer is longer than " + ANSWER_BYTES_MAX + " bytes");
        }
        return new GatewayBody(response.getCode(), body);
    }

    private static DownloadedFile downloaded(ClassicHttpResponse response) throws IOException {
        HttpEntity entity = response.getEntity();
        InputStream bytes = entity == null ? InputStream.nullInputStream() : entity.getContent();
        return new DownloadedFile(response.getCode(), new AlipayBill(bytes));
    }
}
