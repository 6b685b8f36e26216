package dev.serai.connector.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.serai.camel.CheckOnly;
import dev.serai.camel.LiveCheck;
import dev.serai.camel.OutgoingRequest;
import dev.serai.camel.OutgoingStep;
import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.camel.ledger.NotSentException;
import dev.serai.connector.file.FileSinkPool.OpenFile;
import dev.serai.connector.record.RecordFormat;
import dev.serai.text.DurationText;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Expression;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.ValidationException;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;

/**
 * Appends each delivery to a file as one line of JSON or one record of CSV, for the Kamelet {@code file-sink}. It returns
 * after fsync.
 *
 * <p>Threads: safe; concurrent deliveries share an fsync.
 */
public final class FileSink extends ServiceSupport implements Processor, CamelContextAware, LiveCheck, OutgoingStep {
    static final int LINE_BYTES_MAX = 64 << 20;

    private static final String NAME = "${header.CamelLedgerFlow}-${date-with-timezone:now:UTC:yyyy-MM-dd}.";

    private final CsvMapper csvMapper = CsvMapper.builder()
            .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING)
            .build();
    private final Path directory;
    private final boolean csv;
    private String fileName;
    private @Nullable CamelContext context;
    private FileSinkRotation rotation = FileSinkRotation.NONE;
    private @Nullable FileSinkFolder folder;
    private volatile @Nullable FileSinkPool pool;
    private volatile @Nullable Expression name;

    /**
     * @param format jsonl or csv
     */
    public FileSink(String directory, String format) {
        if (directory.isBlank()) {
            throw new IllegalArgumentException("directory is not set: set the folder to write to");
        }
        this.directory = Path.of(directory);
        this.csv = RecordFormat.of(format, ",").isCsv();
        this.fileName = NAME + format;
    }

    @Override
    public void setCamelContext(@Nullable CamelContext camelContext) {
        this.context = camelContext;
    }

    @Override
    public @Nullable CamelContext getCamelContext() {
        return context;
    }

    @Override
    protected void doStart() throws IOException {
        if (!CheckOnly.isIn(context)) {
            folder = new FileSinkFolder(directory);
            pool = new FileSinkPool(csv, rotation);
        }
    }

    @Override
    public String tryOut() throws IOException {
        return FileFolderCheck.of(directory);
    }

    @Override
    protected void doStop() throws IOException {
        FileSinkPool open = pool;
        pool = null;
        if (open != null) {
            open.close();
        }
    }

    /** The lines of JSON; for CSV too, since the columns are those of the file. */
    @Override
    public OutgoingRequest request(Exchange exchange) throws Exception {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Exchange one : ChangeBatch.of(exchange)) {
            lines.write(line(json(one)));
        }
        return new OutgoingRequest("append", directory.toString(), Map.of(), lines.toByteArray());
    }

    /** Writes the exchange, or each exchange in the list that is its body. */
    @Override
    public void process(Exchange exchange) throws Exception {
        FileSinkPool files = pool;
        if (files == null) {
            throw new NotSentException("this node stopped before the change was written");
        }
        List<OpenFile> used = new ArrayList<>();
        Map<OpenFile, Long> ends = new HashMap<>();
        try {
            for (Exchange one : ChangeBatch.of(exchange)) {
                append(one, files, used, ends);
            }
            for (Map.Entry<OpenFile, Long> end : ends.entrySet()) {
                end.getKey().file().sync(end.getValue());
            }
        } finally {
            used.forEach(files::leave);
        }
    }

    /** In the file of this name; if that is rotated just then, in the next one. */
    private void append(Exchange change, FileSinkPool files, List<OpenFile> used, Map<OpenFile, Long> ends)
            throws Exception {
        Path path = path(change);
        long end;
        do {
            OpenFile open = files.open(path);
            used.add(open);
            end = csv ? appendCsv(change, open.file()) : open.file().append(line(json(change)));
            if (end >= 0) {
                ends.put(open, end);
            }
        } while (end < 0);
    }

    // ---- Files

    private Path path(Exchange exchange) throws Exception {
        Expression expression = name;
        if (expression == null) {
            expression = exchange.getContext().resolveLanguage("simple").createExpression(fileName);
            expression.init(exchange.getContext());
            name = expression;
        }
        String evaluated = expression.evaluate(exchange, String.class);
        try {
            return Objects.requireNonNull(folder, "not started").file(evaluated == null ? "" : evaluated);
        } catch (IllegalArgumentException e) {
            throw new ValidationException(exchange, String.valueOf(e.getMessage()));
        }
    }

    // ---- Lines

    private static JsonNode json(Exchange exchange) throws Exception {
        Message message = exchange.getMessage();
        byte[] body = ChangeBatch.body(message);
        if (body.length == 0 && ChangeBatch.isDelete(message)) {
            return deleted(message);
        }
        JsonNode json;
        try {
            json = ExactJson.ONE_VALUE.readTree(body);
        } catch (JsonProcessingException e) {
            throw new ValidationException(exchange, "the body is not JSON: " + LogText.of(e.getOriginalMessage()));
        }
        if (json == null || json.isMissingNode()) {
            throw new ValidationException(exchange, "the body is empty");
        }
        return json;
    }

    private static ObjectNode deleted(Message message) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("key", message.getHeader(LedgerConstants.KEY, String.class));
        String version = message.getHeader(LedgerConstants.VERSION, String.class);
        if (version != null) {
            json.put("version", version);
        }
        return json.put("deleted", true);
    }

    private static byte[] line(JsonNode json) throws JsonProcessingException {
        return (ExactJson.MAPPER.writeValueAsString(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private long appendCsv(Exchange exchange, FileSinkFile file) throws Exception {
        JsonNode json = json(exchange);
        if (!json.isObject() || json.isEmpty()) {
            throw new ValidationException(exchange, "the body is not a JSON object, so it has no columns");
        }
        synchronized (file) { // so that only one delivery writes the first line
            List<String> columns = file.columns();
            if (columns.isEmpty()) {
                columns = new ArrayList<>();
                json.fieldNames().forEachRemaining(columns::add);
                if (!file.append(row(columns), columns)) {
                    return -1;
                }
            }
            return file.append(row(cells(exchange, json, columns)));
        }
    }

    private static List<String> cells(Exchange exchange, JsonNode json, List<String> columns)
            throws ValidationException {
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (!columns.contains(field.getKey())) {
                throw new ValidationException(
                        exchange,
                        "the file has no column for the field \"" + LogText.of(field.getKey()) + "\"; its columns are "
                                + LogText.of(columns));
            }
        }
        return columns.stream()
                .map(column -> json.path(column))
                .map(value -> value.isContainerNode() ? value.toString() : value.isNull() ? "" : value.asText())
                .toList();
    }

    private byte[] row(List<String> cells) throws JsonProcessingException {
        return csvMapper
                .writer(CsvSchema.emptySchema())
                .writeValueAsString(cells.toArray(new String[0]))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** @param rotateBytes how long a file becomes before it is finished and renamed */
    public void setRotateBytes(@Nullable String rotateBytes) {
        if (rotateBytes != null && !rotateBytes.isBlank()) {
            rotation = new FileSinkRotation(Long.parseLong(rotateBytes.strip()), rotation.every());
        }
    }

    /** @param rotateEvery the length of the time that the lines of a file are of, like 1h */
    public void setRotateEvery(@Nullable String rotateEvery) {
        if (rotateEvery != null && !rotateEvery.isBlank()) {
            Duration every = Duration.ofMillis(DurationText.millis(rotateEvery.strip()));
            rotation = new FileSinkRotation(rotation.bytesMax(), every);
        }
    }

    /** @param fileName a simple expression; by default the flow and the date in UTC */
    public void setFileName(@Nullable String fileName) {
        if (fileName != null && !fileName.isBlank()) {
            this.fileName = fileName;
        }
    }
}
