package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small disk in memory, with ballast that can be thrown off. Needs root on Linux; a test is skipped, with the reason, where it cannot be mounted. */
public final class SmallDisk implements AutoCloseable {
    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /** @param folder is made */
    public static SmallDisk mount(Path folder, int mebibytes, int ballastMebibytes) throws Exception {
        Files.createDirectory(folder);
        String trouble = system("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", folder.toString());
        if (!trouble.isEmpty()) {
            System.out.println("A test is skipped, no small disk can be mounted here: " + trouble);
        }
        assumeTrue(trouble.isEmpty(), trouble);
        SmallDisk disk = new SmallDisk(folder);
        Files.write(disk.ballast(), new byte[ballastMebibytes << 20]);
        return disk;
    }

    private Path ballast() {
        return folder.resolve("ballast");
    }

    public void throwOffBallast() throws IOException {
        Files.delete(ballast());
    }

    @Override
    public void close() throws InterruptedException {
        assertThat(system("umount", folder.toString())).isEmpty();
    }

    /** Runs a system command; returns its output if it fails, else nothing. */
    private static String system(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes()).strip();
            return process.waitFor() == 0 ? "" : said.isEmpty() ? command[0] + " failed" : said;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
