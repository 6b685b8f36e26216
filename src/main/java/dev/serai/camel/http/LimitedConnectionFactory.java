package dev.serai.camel.http;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MessageConstraintException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultClassicHttpResponseFactory;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.HttpMessageParserFactory;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Limits what a server may send in addition to a body: the length of a line (status line, header, trailer, size and
 * extensions of a chunk), and the number of headers, trailers, empty lines and interim answers (1xx).
 *
 * <p>Throws: {@link MessageConstraintException} if a limit is exceeded.
 *
 * <p>Threads: safe.
 */
public final class LimitedConnectionFactory {
    static final int LINE_CHARS_MAX = 32_768;
    static final int HEADERS_MAX = 200;
    static final int INTERIM_ANSWERS_MAX = 20;
    private static final int EMPTY_LINES_MAX = 10;

    private static final Http1Config LIMITS = Http1Config.custom()
            .setMaxLineLength(LINE_CHARS_MAX)
            .setMaxHeaderCount(HEADERS_MAX)
            .setMaxEmptyLineCount(EMPTY_LINES_MAX)
            .build();

    private LimitedConnectionFactory() {}

    /** A pool of at most this number of connections. */
    public static PoolingHttpClientConnectionManagerBuilder pool(int connectionsMax) {
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(create())
                .setMaxConnTotal(connectionsMax)
                .setMaxConnPerRoute(connectionsMax);
    }

    static HttpConnectionFactory<ManagedHttpClientConnection> create() {
        return ManagedHttpClientConnectionFactory.builder()
                .http1Config(LIMITS)
                .responseParserFactory(new ParserFactory())
                .build();
    }

    /** The limit that a server exceeded, for people; null for other failures. */
    public static @Nullable String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MessageConstraintException) {
                String message = String.valueOf(cause.getMessage());
                return message.startsWith("the server")
                        ? message
                        : "the server passed a limit of this client: " + message + " (" + limits() + ")";
            }
        }
        return null;
    }

    private static String limits() {
        return LINE_CHARS_MAX + " characters a line, " + HEADERS_MAX + " headers or trailers";
    }

    private static final class ParserFactory implements HttpMessageParserFactory<ClassicHttpResponse> {
        @Override
        public HttpMessageParser<ClassicHttpResponse> create(Http1Config limits) {
            return new Parser();
        }
    }

    /** Of one connection. */
    private static final class Parser extends DefaultHttpResponseParser {
        private int interim;

        Parser() {
            super(LIMITS, null, DefaultClassicHttpResponseFactory.INSTANCE);
        }

        @Override
        public @Nullable ClassicHttpResponse parse(SessionInputBuffer buffer, InputStream in)
                throws IOException, HttpException {
            ClassicHttpResponse answer;
            try {
                answer = super.parse(buffer, in);
            } catch (MessageConstraintException e) {
                throw named(e);
            }
            interim = answer != null && answer.getCode() < 200 ? interim + 1 : 0;
            if (interim > INTERIM_ANSWERS_MAX) {
                throw new MessageConstraintException(
                        "the server sent more than " + INTERIM_ANSWERS_MAX + " interim answers (1xx) to one request");
            }
            return answer;
        }

        private static MessageConstraintException named(MessageConstraintException e) {
            var named = new MessageConstraintException(reason(e));
            named.initCause(e);
            return named;
        }
    }
}
