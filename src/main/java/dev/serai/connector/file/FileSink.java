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
import dev.serai.camel.ledger.ChangeBatch;
import dev.serai.camel.ledger.LedgerConstants;
import dev.serai.connector.record.RecordFormat;
import dev.serai.text.ExactJson;
import dev.serai.text.LogText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
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
public final class FileSink extends ServiceSupport implements Processor, CamelContextAware, LiveCheck {
    static final int LINE_BYTES_MAX = 64 << 20;

    private static final int FILES_MAX = 64;
    private static final String NAME = "${header.CamelLedgerFlow}-${date-with-timezone:now:UTC:yyyy-MM-dd}.";

    private final CsvMapper csvMapper = CsvMapper.builder()
            .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING)
            .build();
    private final Path directory;
    private final boolean csv;
    private String fileName;
    private final Map<Path, OpenFile> files = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable CamelContext context;
    private @Nullable FileSinkFolder folder;
    private volatile @Nullable Expression name;

    /** An open file, and the number of deliveries that are writing to it. */
    private static final class OpenFile {
        final FileSinkFile file;
        int users;

        OpenFile(FileSinkFile file) {
            this.file = file;
        }
    }

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
        }
    }

    @Override
    public String tryOut() throws IOException {
        return FileFolderCheck.of(directory);
    }

    @Override
    protected void doStop() throws IOException {
        synchronized (files) {
            for (OpenFile open : files.values()) {
                open.file.close();
            }
            files.clear();
        }
    }

    /** Writes the exchange, or each exchange in the list that is its body. */
    @Override
    public void process(Exchange exchange) throws Exception {
        List<OpenFile> used = new ArrayList<>();
        Map<OpenFile, Long> ends = new HashMap<>();
        try {
            for (Exchange one : ChangeBatch.of(exchange)) {
                OpenFile open = open(path(one));
                used.add(open);
                ends.put(open, csv ? appendCsv(one, open.file) : open.file.append(line(json(one))));
            }
            for (Map.Entry<OpenFile, Long> end : ends.entrySet()) {
                end.getKey().file.sync(end.getValue());
            }
        } finally {
            used.forEach(this::leave);
        }
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

    private OpenFile open(Path path) throws IOException {
        synchronized (files) {
            OpenFile open = files.get(path);
            if (open != null && open.users == 0 && !open.file.isUsable()) {
                files.remove(path);
                open.file.close();
                open = null;
            }
            if (open == null) {
                open = new OpenFile(new FileSinkFile(path, csv));
                files.put(path, open);
                closeUnused();
            }
            open.users++;
            return open;
        }
    }

    private void leave(OpenFile open) {
        synchronized (files) {
            open.users--;
        }
    }

    private void closeUnused() throws IOException {
        Iterator<OpenFile> eldest = files.values().iterator();
        while (files.size() > FILES_MAX && eldest.hasNext()) {
            OpenFile open = eldest.next();
            if (open.users == 0) {
                open.file.close();
                eldest.remove();
            }
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
                file.append(row(columns), columns);
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

    /** @param fileName a simple expression; by default the flow and the date in UTC */
    public void setFileName(@Nullable String fileName) {
        if (fileName != null && !fileName.isBlank()) {
            this.fileName = fileName;
        }
    }
}
