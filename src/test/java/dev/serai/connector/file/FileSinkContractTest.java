package dev.serai.connector.file;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.SinkContract;
import dev.serai.text.ExactJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

/** A folder with a file of lines for each key. */
class FileSinkContractTest extends SinkContract {
    @TempDir
    private Path data;

    private Path folder() {
        return data.resolve("out");
    }

    @Override
    protected String kamelet() {
        return "file-sink";
    }

    @Override
    protected String options() {
        return """
                directory: "{{folder}}"
                fileName: "${header.CamelLedgerKey}.jsonl"
                """;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of("folder", folder().toString());
    }

    @Override
    protected Map<String, Integer> state() throws IOException {
        Map<String, Integer> state = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                List<String> lines = Files.readAllLines(file);
                if (!lines.isEmpty()) {
                    JsonNode last = ExactJson.MAPPER.readTree(lines.get(lines.size() - 1));
                    if (last.has("n")) {
                        state.put(last.path("id").asText(), last.path("n").asInt());
                    }
                }
            }
        }
        return state;
    }

    /** Its file leads out of the folder. */
    @Override
    protected void refuse(String key) throws IOException {
        Files.createDirectories(folder());
        Path elsewhere = Files.createDirectory(data.resolve("elsewhere"));
        Files.createSymbolicLink(folder().resolve(key + ".jsonl"), elsewhere.resolve("taken.jsonl"));
    }

    /** Somebody puts a file where the folder is. */
    @Override
    protected void takeAway() throws IOException {
        Files.move(folder(), data.resolve("away"));
        Files.writeString(folder(), "");
    }

    @Override
    protected void bringBack() throws IOException {
        Files.delete(folder());
        Files.move(data.resolve("away"), folder());
    }
}
