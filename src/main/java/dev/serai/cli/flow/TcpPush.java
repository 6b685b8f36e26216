package dev.serai.cli.flow;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.cli.client.CliException;
import dev.serai.cli.client.ExitCode;
import dev.serai.cli.client.FlowsAddress;
import dev.serai.connector.tcp.TcpFraming;
import dev.serai.text.ExactJson;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Pushes frames over one connection, and reads the answer to each. */
final class TcpPush implements AutoCloseable {
    private static final int CONNECT_MILLIS_MAX = 5_000;
    /** Longer than a flow in sync mode takes. */
    private static final int ANSWER_MILLIS_MAX = 300_000;

    private static final int ANSWER_BYTES_MAX = 4 << 20;
    private static final Pattern ADDRESS = Pattern.compile("(?:tcp://)?(.+):(\\d{1,5})/?");

    private final String address;
    private final TcpFraming framing;
    private final Socket socket = new Socket();
    private @Nullable InputStream in;

    TcpPush(String address, TcpFraming framing) {
        this.address = address;
        this.framing = framing;
    }

    /** @param url beats the source's own address; null if there is none */
    static TcpPush to(PushSource source, @Nullable String url) {
        if (Boolean.parseBoolean(source.tcpOption("certificates.enabled"))) {
            throw new CliException(
                    ExitCode.USAGE, source.at() + ": uses TLS, which send has not: try it with openssl s_client");
        }
        String length = source.tcpOption("lengthBytes");
        TcpFraming framing = TcpFraming.of(
                source.tcpOption("framing"), source.tcpOption("delimiter"), length.isEmpty() ? 4 : number(length));
        return new TcpPush(url == null ? source.tcpAddress() : url, framing);
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new CliException(ExitCode.USAGE, "lengthBytes is " + text + ", which is not a number");
        }
    }

    @Override
    public String toString() {
        return "TCP " + address + ", framing " + framing;
    }

    PushAnswer send(byte[] body) {
        try {
            InputStream answers = connected();
            byte[] text = framing.isLine() ? oneLine(body) : body;
            ByteBuf frame = framing.frame(text);
            socket.getOutputStream().write(ByteBufUtil.getBytes(frame));
            return answer(read(answers));
        } catch (IOException e) {
            throw new CliException(
                    ExitCode.NO_NODE,
                    "no node answers at " + address + (e.getMessage() == null ? "" : " (" + e.getMessage() + ")")
                            + ": start one with ./serai run, or give --url tcp://HOST:PORT");
        }
    }

    private InputStream connected() throws IOException {
        if (in == null) {
            Matcher parts = ADDRESS.matcher(address);
            int port = parts.matches() ? number(parts.group(2)) : 0;
            if (port == 0 || port > 65_535) {
                throw new CliException(
                        ExitCode.USAGE, address + " is not the address of a TCP source: give --url tcp://HOST:PORT");
            }
            socket.setSoTimeout(ANSWER_MILLIS_MAX);
            socket.setTcpNoDelay(true);
            socket.connect(
                    new InetSocketAddress(FlowsAddress.reachable(parts.group(1)).replaceAll("[\\[\\]]", ""), port),
                    CONNECT_MILLIS_MAX);
            in = new BufferedInputStream(socket.getInputStream());
        }
        return in;
    }

    /** A line cannot hold a line end, which JSON needs nowhere. */
    private static byte[] oneLine(byte[] body) {
        return new String(body, UTF_8).replaceAll("\\R", " ").strip().getBytes(UTF_8);
    }

    private byte[] read(InputStream answers) throws IOException {
        if (framing.lengthBytes() > 0) {
            long length = 0;
            for (int i = 0; i < framing.lengthBytes(); i++) {
                length = length << 8 | next(answers);
            }
            if (length < 0 || length > ANSWER_BYTES_MAX) {
                throw new IOException("an answer of " + length + " bytes: is its framing length?");
            }
            return answers.readNBytes((int) length);
        }
        byte[] end = framing.end();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (!endsWith(text.toByteArray(), end)) {
            if (text.size() > ANSWER_BYTES_MAX) {
                throw new IOException("an answer without an end");
            }
            text.write(next(answers));
        }
        return Arrays.copyOf(text.toByteArray(), text.size() - end.length);
    }

    private static boolean endsWith(byte[] text, byte[] end) {
        return text.length >= end.length
                && Arrays.equals(text, text.length - end.length, text.length, end, 0, end.length);
    }

    private static int next(InputStream answers) throws IOException {
        int next = answers.read();
        if (next < 0) {
            throw new EOFException("the connection was closed without an answer");
        }
        return next;
    }

    private static PushAnswer answer(byte[] frame) {
        String text = new String(frame, UTF_8).strip();
        try {
            JsonNode answer = ExactJson.MAPPER.readTree(text);
            boolean refused = answer.has("error");
            return new PushAnswer(refused ? "refused" : "accepted", !refused, text);
        } catch (JsonProcessingException e) {
            return new PushAnswer("refused", false, text);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // nothing more is wanted of it
        }
    }
}
