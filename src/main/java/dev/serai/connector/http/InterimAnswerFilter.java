package dev.serai.connector.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpClientConnection;

/**
 * Drops the interim answers (1xx) of one connection, and ends it when there are too many before one answer.
 *
 * <p>Vert.x handles only 100 and 103, treats any other 1xx as the answer itself, and does not count them.
 *
 * <p>Threads: one, the connection's event loop.
 */
final class InterimAnswerFilter extends ChannelInboundHandlerAdapter {
    static final int INTERIM_ANSWERS_MAX = 20;

    private static final String NAME = "interimAnswerFilter";

    private int interim;
    private boolean dropping;
    private boolean hasAnswered;

    private InterimAnswerFilter() {}

    /** Puts the filter on a connection that was just opened. */
    static void install(HttpConnection connection) {
        HttpClientConnection client = (HttpClientConnection) connection;
        ChannelPipeline pipeline = client.channel().pipeline();
        pipeline.addBefore(client.channelHandlerContext().name(), NAME, new InterimAnswerFilter());
    }

    /** The filter of a connection. */
    static InterimAnswerFilter of(HttpConnection connection) {
        return (InterimAnswerFilter)
                ((HttpClientConnection) connection).channel().pipeline().get(NAME);
    }

    /** Whether an earlier request on this connection was answered. */
    boolean hasAnswered() {
        return hasAnswered;
    }

    /** Whether an interim answer to the request under way has come. */
    boolean hasInterim() {
        return interim > 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof HttpResponse answer) {
            dropping = isInterim(answer);
            interim = dropping ? interim + 1 : 0;
            hasAnswered |= !dropping;
            if (interim == INTERIM_ANSWERS_MAX + 1) {
                ctx.fireExceptionCaught(new TooLongFrameException(
                        "the server sent more than " + INTERIM_ANSWERS_MAX + " interim answers (1xx) to one request"));
            }
        }
        if (dropping) {
            dropping = !(message instanceof LastHttpContent);
            ReferenceCountUtil.release(message);
        } else {
            ctx.fireChannelRead(message);
        }
    }

    /** After 101 the connection speaks another protocol, so that is an answer. */
    private static boolean isInterim(HttpResponse answer) {
        return answer.decoderResult().isSuccess()
                && answer.status().codeClass() == HttpStatusClass.INFORMATIONAL
                && answer.status().code() != HttpResponseStatus.SWITCHING_PROTOCOLS.code();
    }
}
