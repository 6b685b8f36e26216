package dev.serai.connector.tcp;

import dev.serai.connector.PushSourceContract;
import dev.serai.support.TcpPeer;
import org.junit.jupiter.api.Nested;

/** A sender over TCP. */
class TcpSourceContractTest {

    @Nested
    class Lines extends OverTcp {
        Lines() {
            super("line");
        }
    }

    @Nested
    class Lengths extends OverTcp {
        Lengths() {
            super("length");
        }
    }

    /** One connection for each frame. */
    abstract static class OverTcp extends PushSourceContract {
        private final String framing;

        OverTcp(String framing) {
            this.framing = framing;
        }

        @Override
        protected String kamelet() {
            return "tcp-source";
        }

        @Override
        protected String options() {
            return "port: 0\nframing: " + framing;
        }

        @Override
        protected String id() {
            return "${jq(.id)}";
        }

        @Override
        protected String key() {
            return "${jq(.key)}";
        }

        @Override
        protected Answer push(String id, String key, String text) throws Exception {
            return ask("{\"id\":\"" + id + "\",\"key\":\"" + key + "\",\"text\":\"" + text + "\"}");
        }

        @Override
        protected Answer pushBroken() throws Exception {
            return ask("{\"id\":");
        }

        private Answer ask(String frame) throws Exception {
            try (TcpPeer peer = TcpPeer.connect(source().context, framing)) {
                return of(peer.ask(frame));
            }
        }
    }
}
