package dev.serai.connector.tcp;

import dev.serai.camel.StopDeadline;
import io.netty.channel.Channel;
import io.netty.channel.group.ChannelGroupFuture;
import io.netty.channel.group.ChannelMatchers;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one port, and the port itself. camel-netty closes all connections when the route stops; here each
 * connection first answers the frames that it has read.
 *
 * <p>Threads: safe.
 */
final class TcpSourceConnections extends DefaultChannelGroup {
    private static final Logger LOG = LoggerFactory.getLogger(TcpSourceConnections.class);
    private static final Duration DRAIN_MAX = Duration.ofSeconds(20);

    private final StopDeadline stop;

    TcpSourceConnections(String name, StopDeadline stop) {
        super(name, ImmediateEventExecutor.INSTANCE);
        this.stop = stop;
    }

    /** Closes the one that has waited longest without a first frame, for a new one in its place. Returns false if there is none. */
    boolean closeLongestSilent() {
        List<TcpPlace> silent = stream()
                .map(TcpPlace::find)
                .filter(place -> place != null && place.isSilent())
                .sorted(Comparator.comparingLong(TcpPlace::openedAt))
                .toList();
        for (TcpPlace place : silent) {
            if (place.leave()) {
                place.close();
                return true;
            }
        }
        return false;
    }

    /** Stops reading, waits at most 20 s for the pending answers, and closes the connections. */
    @Override
    public ChannelGroupFuture close() {
        close(ChannelMatchers.isServerChannel()).awaitUninterruptibly();
        for (Channel channel : this) {
            TcpSourceConnection connection = channel.pipeline().get(TcpSourceConnection.class);
            if (connection != null) {
                connection.drain();
            }
        }
        Duration limit = stop.limit(DRAIN_MAX);
        if (!newCloseFuture().awaitUninterruptibly(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn(
                    "{} had not answered {} connections after {} ms; their senders have to send again",
                    name(),
                    size(),
                    limit.toMillis());
        }
        return super.close();
    }
}
