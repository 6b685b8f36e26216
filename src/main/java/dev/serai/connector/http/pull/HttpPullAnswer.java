package dev.serai.connector.http.pull;

import dev.serai.connector.pull.PullException;
import dev.serai.connector.record.RecordCharset;
import dev.serai.text.LogText;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.entity.DeflateInputStream;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/**
 * An answer of a source. Its content is inflated into a temporary file, up to a limit, so that its length takes no memory, and
 * so that the source need not wait while the route takes the records.
 *
 * <p>Threads: one thread.
 */
final class HttpPullAnswer implements Closeable {
    /** Inflated or not. */
    static final long BYTES_MAX = 64L << 20;

    private static final int CODINGS_MAX = 2;
    private static final int START_BYTES_MAX = 1_000;
    private static final int MARK_BYTES_MAX = 3;

    private final List<Header> headers;
    private final FileChannel content;
    private final Charset charset;
    private final int markLength;

    private HttpPullAnswer(List<Header> headers, FileChannel content) throws IOException, PullException {
        this.headers = headers;
        this.content = content;
        byte[] start = bytes(MARK_BYTES_MAX);
        this.charset = RecordCharset.marked(start, named());
        this.markLength = RecordCharset.markLength(start);
    }

    /** Reads the whole answer. */
    static HttpPullAnswer of(ClassicHttpResponse response, HttpUriRequestBase request)
            throws IOException, PullException {
        FileChannel file = file();
        try {
            HttpEntity entity = response.getEntity();
            if (entity != null) {
                copy(inflated(entity.getContent(), response), file, request);
            }
            return new HttpPullAnswer(List.of(response.getHeaders()), file);
        } catch (ZipException e) {
            file.close();
            throw new PullException("the answer cannot be inflated: " + LogText.of(e.getMessage()));
        } catch (EOFException e) {
            file.close();
            throw new IOException("the answer ends in the middle of its compressed content", e);
        } catch (IOException | PullException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** A file that is gone when it is closed, or when the process ends. */
    private static FileChannel file() throws IOException {
        Path path = Files.createTempFile("serai-pull-", null);
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            Files.delete(path);
        } catch (IOException e) {
            return channel; // where an open file cannot be removed, it is when it is closed
        }
        return channel;
    }

    private static InputStream inflated(InputStream bytes, ClassicHttpResponse response)
            throws IOException, PullException {
        List<String> codings = Stream.of(response.getHeaders("Content-Encoding"))
                .flatMap(header -> Stream.of(header.getValue().split(",", -1)))
                .map(coding -> coding.strip().toLowerCase(Locale.ROOT))
                .filter(coding -> !coding.isEmpty() && !coding.equals("identity"))
                .toList();
        if (codings.size() > CODINGS_MAX) {
            throw new PullException("the answer is compressed " + codings.size() + " times");
        }
        InputStream inflated = bytes;
        for (int i = codings.size() - 1; i >= 0; i--) {
            inflated = inflated(inflated, codings.get(i));
        }
        return inflated;
    }

    private static InputStream inflated(InputStream bytes, String coding) throws IOException, PullException {
        return switch (coding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(bytes);
            case "deflate" -> new DeflateInputStream(bytes);
            default ->
                throw new PullException("the answer is compressed with " + LogText.of(coding)
                        + ", which was not asked for; gzip and deflate can be read");
        };
    }

    private static void copy(InputStream from, FileChannel to, HttpUriRequestBase request)
            throws IOException, PullException {
        byte[] buffer = new byte[65_536];
        long bytes = 0;
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            bytes += count;
            if (bytes > BYTES_MAX) {
                request.cancel(); // or closing would read the rest
                throw new PullException("the answer is longer than " + BYTES_MAX
                        + " bytes, inflated: ask for fewer records per page, with a parameter of the source in url");
            }
            ByteBuffer part = ByteBuffer.wrap(buffer, 0, count);
            while (part.hasRemaining()) {
                to.write(part);
            }
        }
    }

    /** The first bytes of an answer that is not kept, as text. */
    static String start(ClassicHttpResponse response, HttpUriRequestBase request) {
        try {
            HttpEntity entity = response.getEntity();
            InputStream content =
                    entity == null ? InputStream.nullInputStream() : inflated(entity.getContent(), response);
            byte[] start = content.readNBytes(START_BYTES_MAX);
            if (start.length == START_BYTES_MAX) {
                request.cancel(); // or closing would read the rest
            }
            return new String(start, StandardCharsets.UTF_8);
        } catch (IOException | PullException e) {
            return "";
        }
    }

    private Charset named() throws PullException {
        String type = header("Content-Type");
        try {
            ContentType parsed = type == null ? null : ContentType.parse(type);
            Charset named = parsed == null ? null : parsed.getCharset();
            return named == null ? StandardCharsets.UTF_8 : named;
        } catch (IllegalArgumentException e) {
            throw new PullException(
                    "the answer's Content-Type cannot be read, or its charset is unknown: " + LogText.of(type));
        }
    }

    /** The first header of a name; null if there is none. */
    @Nullable String header(String name) {
        return headers(name).stream().findFirst().orElse(null);
    }

    List<String> headers(String name) {
        return headers.stream()
                .filter(header -> header.getName().equalsIgnoreCase(name))
                .map(Header::getValue)
                .toList();
    }

    /** How many bytes the content has, inflated. */
    long size() throws IOException {
        return content.size();
    }

    /** The content from its start; bytes that the charset does not have are an {@link IOException}. */
    Reader reader() throws IOException {
        content.position(markLength);
        return Channels.newReader(
                content,
                charset.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT),
                -1);
    }

    /** The content with its byte order mark, which has {@link #markLength} bytes. */
    SeekableByteChannel channel() {
        return content;
    }

    int markLength() {
        return markLength;
    }

    Charset charset() {
        return charset;
    }

    /** The first bytes of the content. */
    byte[] bytes(int max) throws IOException {
        content.position(0);
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(max, content.size()));
        while (bytes.hasRemaining() && content.read(bytes) >= 0) {}
        return bytes.array();
    }

    /** Its first bytes, to show what it is; none if they cannot be read. */
    byte[] beginning() {
        try {
            return bytes(START_BYTES_MAX);
        } catch (IOException e) {
            return new byte[0];
        }
    }

    @Override
    public void close() throws IOException {
        content.close();
    }
}
