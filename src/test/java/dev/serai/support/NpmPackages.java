package dev.serai.support;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Real input from others, which npm installs into {@code target/} if npm is available. */
public final class NpmPackages {
    private static final Path FOLDER = Path.of("target", "npm");

    private NpmPackages() {}

    /** The folder of the installed packages, or empty if npm is not available. */
    public static Optional<Path> install() throws IOException, InterruptedException {
        if (!runs("npm", "--version")) {
            return Optional.empty();
        }
        Files.createDirectories(FOLDER);
        try (InputStream wanted = NpmPackages.class.getResourceAsStream("/real-input/package.json")) {
            Files.write(FOLDER.resolve("package.json"), wanted.readAllBytes());
        }
        boolean installed = runs("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock");
        return installed ? Optional.of(FOLDER.resolve("node_modules")) : Optional.empty();
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Files.createDirectories(FOLDER);
            Process process = new ProcessBuilder(List.of(command))
                    .directory(FOLDER.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(FOLDER.resolve("npm.log").toFile())
                    .start();
            return process.waitFor(3, TimeUnit.MINUTES) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
