package dev.serai.node.property;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.camel.spi.PropertiesFunction;

/**
 * {@code {{file:PATH}}}: the content of a file without its last line end, as Docker and Kubernetes hand over secrets. Camel finds
 * it by its name.
 */
public final class FilePropertiesFunction implements PropertiesFunction {
    private static final long BYTES_MAX = 65_536;

    @Override
    public String getName() {
        return "file";
    }

    @Override
    public String apply(String path) {
        return content(path);
    }

    public static String content(String path) {
        Path file = Path.of(path.strip());
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IllegalArgumentException(
                        "{{file:" + file + "}}: the file has more than " + BYTES_MAX + " bytes");
            }
            return Files.readString(file).replaceFirst("\\R\\z", "");
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "{{file:" + file + "}}: the file " + file + " does not exist or is not readable text", e);
        }
    }
}
