package dev.serai.connector.file;

import dev.serai.connector.pull.PullSourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** A folder with a file for each writing. */
class FileSourceContractTest extends PullSourceContract {
    @TempDir
    private Path data;

    private final List<String> written = new ArrayList<>();

    private Path folder() throws IOException {
        return Files.createDirectories(data.resolve("in"));
    }

    @Override
    protected String kamelet() {
        return "file-source";
    }

    @Override
    protected String options() {
        return """
                directory: "{{folder}}"
                interval: 50ms
                quiet: 0s
                batchSize: 2
                """;
    }

    @Override
    protected Map<String, String> properties() {
        return Map.of("folder", data.resolve("in").toString());
    }

    private void put(String name, String text) throws IOException {
        Path hidden = Files.writeString(folder().resolve("." + name), text);
        Files.move(hidden, folder().resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private void file(String text) throws IOException {
        written.add(text);
        put("%03d.jsonl".formatted(written.size()), text);
    }

    @Override
    protected void write(String... keys) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String key : keys) {
            lines.append("{\"id\":\"").append(key).append("\",\"at\":1}\n");
        }
        file(lines.toString());
    }

    @Override
    protected void writeBroken() throws IOException {
        file("{\"id\":\n");
    }

    @Override
    protected void offerAgain() throws IOException {
        for (int i = 0; i < written.size(); i++) {
            put("%03d.jsonl".formatted(i + 1), written.get(i));
        }
    }

    @Override
    protected void takeAway() throws IOException {
        Files.move(folder(), data.resolve("gone"));
    }

    @Override
    protected void bringBack() throws IOException {
        Files.move(data.resolve("gone"), data.resolve("in"));
    }
}
