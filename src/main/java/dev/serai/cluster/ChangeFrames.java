package dev.serai.cluster;

import dev.serai.ledger.delivery.Confirmation;
import dev.serai.ledger.model.Change;
import dev.serai.ledger.model.Operation;
import dev.serai.ledger.model.Receipt;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a link: changes that are passed on, and their answers. Each begins with the number of its call and its kind.
 * Integers are big-endian; a text or a body follows its length in bytes, which is -1 for null. What is seldom written is {@link
 * PeerJson JSON}, which may get members. Any other difference needs another {@link #PROTOCOL}.
 *
 * <p>Threads: safe.
 */
final class ChangeFrames {
    /** What a node asks for in {@code Upgrade}; a node that does not know it answers without a change of protocol. */
    static final String PROTOCOL = "serai-changes-1";

    static final byte ACCEPT = 1;
    static final byte ACCEPT_AND_WAIT = 2;
    private static final byte RECEIPT = 3;
    private static final byte CONFIRMATION = 4;
    private static final byte REFUSAL = 5;

    private static final int NULL = -1;

    /** @param awaited how long to wait for whom; null for {@link #ACCEPT} */
    record PassedChange(int shard, Change change, @Nullable AwaitedDelivery awaited) {}

    /** @param target null for all of the flow */
    record AwaitedDelivery(@Nullable String target, Duration timeout) {}

    private ChangeFrames() {}

    static void writeCall(ByteBuf frame, long number, PassedChange call) {
        AwaitedDelivery awaited = call.awaited();
        frame.writeLong(number).writeByte(awaited == null ? ACCEPT : ACCEPT_AND_WAIT);
        frame.writeInt(call.shard());
        if (awaited != null) {
            writeText(frame, awaited.target());
            frame.writeLong(awaited.timeout().toMillis());
        }
        Change change = call.change();
        writeText(frame, change.flow());
        writeText(frame, change.id());
        frame.writeBoolean(change.idComputed());
        writeText(frame, change.key());
        writeText(frame, change.version());
        writeText(frame, change.operation().name());
        writeText(frame, change.contentType());
        frame.writeInt(change.headers().size());
        change.headers().forEach((name, value) -> {
            writeText(frame, name);
            writeText(frame, value);
        });
        writeBytes(frame, change.body());
    }

    /**
     * Reads a call after its number.
     *
     * @throws RuntimeException if it is not one
     */
    static PassedChange readCall(ByteBuf frame) {
        byte kind = frame.readByte();
        if (kind != ACCEPT && kind != ACCEPT_AND_WAIT) {
            throw new IllegalArgumentException("no call has the kind " + kind);
        }
        int shard = frame.readInt();
        AwaitedDelivery awaited =
                kind == ACCEPT ? null : new AwaitedDelivery(readTextOrNull(frame), Duration.ofMillis(frame.readLong()));
        String flow = readText(frame);
        String id = readText(frame);
        boolean idComputed = frame.readBoolean();
        String key = readText(frame);
        String version = readTextOrNull(frame);
        Operation operation = Operation.valueOf(readText(frame));
        String contentType = readTextOrNull(frame);
        Map<String, String> headers = readHeaders(frame);
        byte[] body = readBytes(frame);
        Change change = new Change(flow, id, key, version, operation, contentType, headers, body, idComputed);
        return new PassedChange(shard, change, awaited);
    }

    private static Map<String, String> readHeaders(ByteBuf frame) {
        int count = frame.readInt();
        if (count == 0) {
            return Map.of();
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            headers.put(readText(frame), readText(frame));
        }
        return headers;
    }

    static void writeReceipt(ByteBuf frame, long number, Receipt receipt) {
        frame.writeLong(number).writeByte(RECEIPT);
        writeText(frame, receipt.flow());
        writeText(frame, receipt.id());
        frame.writeLong(receipt.sequence()).writeBoolean(receipt.duplicate());
    }

    static void writeConfirmation(ByteBuf frame, long number, Confirmation confirmation) {
        frame.writeLong(number).writeByte(CONFIRMATION).writeBytes(PeerJson.write(confirmation));
    }

    static void writeRefusal(ByteBuf frame, long number, PeerFailure refusal) {
        frame.writeLong(number).writeByte(REFUSAL).writeBytes(PeerJson.write(refusal));
    }

    /**
     * Reads an answer after its number: a {@link Receipt}, a {@link Confirmation} or a {@link PeerFailure}.
     *
     * @throws RuntimeException if it is none of them
     * @throws IOException if its JSON cannot be read
     */
    static Object readAnswer(ByteBuf frame) throws IOException {
        byte kind = frame.readByte();
        return switch (kind) {
            case RECEIPT -> new Receipt(readText(frame), readText(frame), frame.readLong(), frame.readBoolean());
            case CONFIRMATION -> PeerJson.read(rest(frame), Confirmation.class);
            case REFUSAL -> PeerJson.read(rest(frame), PeerFailure.class);
            default -> throw new IllegalArgumentException("no answer has the kind " + kind);
        };
    }

    private static void writeText(ByteBuf frame, @Nullable String text) {
        if (text == null) {
            frame.writeInt(NULL);
            return;
        }
        int at = frame.writerIndex();
        frame.writeInt(0);
        frame.setInt(at, ByteBufUtil.writeUtf8(frame, text));
    }

    private static void writeBytes(ByteBuf frame, byte[] bytes) {
        frame.writeInt(bytes.length).writeBytes(bytes);
    }

    private static String readText(ByteBuf frame) {
        return textOf(frame, frame.readInt());
    }

    private static @Nullable String readTextOrNull(ByteBuf frame) {
        int length = frame.readInt();
        return length == NULL ? null : textOf(frame, length);
    }

    private static String textOf(ByteBuf frame, int length) {
        String text = frame.toString(frame.readerIndex(), length, StandardCharsets.UTF_8);
        frame.skipBytes(length);
        return text;
    }

    private static byte[] readBytes(ByteBuf frame) {
        int length = frame.readInt();
        if (length > frame.readableBytes()) {
            throw new IndexOutOfBoundsException("a body of " + length + " bytes in a frame that is shorter");
        }
        byte[] bytes = new byte[length];
        frame.readBytes(bytes);
        return bytes;
    }

    private static byte[] rest(ByteBuf frame) {
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        return bytes;
    }
}
