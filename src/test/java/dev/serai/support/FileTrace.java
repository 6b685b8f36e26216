package dev.serai.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a process did to the files of one folder, in order, as {@code src/test/c/filetrace.c} recorded it. It rebuilds the
 * folder as a loss of power could have left it after any of the operations: of a file, what was synced is there, and of
 * what was written since any part; of a folder, the entries that were there when it was synced, and a first part of what
 * happened to them since.
 */
public final class FileTrace {

    /** What is kept of that which was not synced. ALL is a killed process, the others are a loss of power. */
    public enum Kept {
        NONE,
        ALL,
        RANDOM
    }

    private enum Operation {
        CREATE('c'),
        WRITE('w'),
        TRUNCATE('t'),
        SYNC('s'),
        RENAME('r'),
        UNLINK('u'),
        MAKE_FOLDER('m');

        private final char letter;

        Operation(char letter) {
            this.letter = letter;
        }

        static Operation of(char letter) {
            return Arrays.stream(values())
                    .filter(one -> one.letter == letter)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private record Step(Operation operation, String path, String second, long offset, byte[] data, long end) {
        String parent() {
            int slash = path.lastIndexOf('/');
            return slash < 0 ? "" : path.substring(0, slash);
        }
    }

    private static final int SECTOR = 512;
    private static final int HEAD = 21;

    private final List<Step> steps;
    private final Map<String, byte[]> before;

    private FileTrace(List<Step> steps, Map<String, byte[]> before) {
        this.steps = steps;
        this.before = before;
    }

    /**
     * The environment of a process whose trace is wanted. Skips the test if this machine has no C compiler.
     *
     * @param folder of which the files are traced; need not exist
     */
    public static Map<String, String> environment(Path folder, Path record) throws IOException, InterruptedException {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs Linux");
        assumeTrue(isThere("gcc"), "needs gcc, to compile src/test/c/filetrace.c");
        Path library = record.resolveSibling("filetrace.so");
        Process compiler = new ProcessBuilder(
                        "gcc",
                        "-O2",
                        "-Wall",
                        "-shared",
                        "-fPIC",
                        "-o",
                        library.toString(),
                        "src/test/c/filetrace.c",
                        "-ldl",
                        "-pthread")
                .redirectErrorStream(true)
                .start();
        String said = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(compiler.waitFor()).as(said).isZero();
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "FILETRACE_FOLDER", folder.toString(),
                "FILETRACE_RECORD", record.toString());
    }

    private static boolean isThere(String command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command, "--version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(Patience.MAX_MILLIS, TimeUnit.MILLISECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** @param before the files that were in the folder, all synced, by their names */
    public static FileTrace read(Path record, Map<String, byte[]> before) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(record)).order(ByteOrder.nativeOrder());
        List<Step> steps = new ArrayList<>();
        while (bytes.remaining() >= HEAD) {
            Operation operation = Operation.of((char) bytes.get());
            byte[] path = new byte[bytes.getInt()];
            byte[] second = new byte[bytes.getInt()];
            byte[] data = new byte[bytes.getInt()];
            long offset = bytes.getLong();
            if (bytes.remaining() < path.length + second.length + data.length) {
                break; // killed while it recorded
            }
            bytes.get(path).get(second).get(data);
            steps.add(new Step(operation, text(path), text(second), offset, data, bytes.position()));
        }
        return new FileTrace(steps, before);
    }

    /** The content of a folder's files by their names, for {@link #read}. */
    public static Map<String, byte[]> files(Path folder) throws IOException {
        Map<String, byte[]> files = new HashMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    public int steps() {
        return steps.size();
    }

    /** How many steps were recorded when the record had this length. */
    public int stepsAt(long recordBytes) {
        int count = 0;
        while (count < steps.size() && steps.get(count).end() <= recordBytes) {
            count++;
        }
        return count;
    }

    /** The numbers of steps after which nothing was done but the next sync, for the first syncs. */
    public List<Integer> beforeSyncs(int limit) {
        List<Integer> found = new ArrayList<>();
        for (int i = 0; i < steps.size() && found.size() < limit; i++) {
            if (steps.get(i).operation() == Operation.SYNC) {
                found.add(i);
            }
        }
        return found;
    }

    /** Writes the files, as they may be if the power was lost after so many steps, into an empty folder. */
    public void rebuild(int count, Kept kept, Random random, Path into) throws IOException {
        Disk disk = new Disk();
        before.forEach(disk::existing);
        for (Step step : steps.subList(0, count)) {
            disk.run(step);
        }
        for (Map.Entry<String, byte[]> file : disk.afterLoss(kept, random).entrySet()) {
            Path path = into.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
    }

    private static final class Content {
        private byte[] synced = new byte[0];
        private final List<Step> since = new ArrayList<>();

        void sync() {
            since.forEach(step -> synced = after(synced, step, step.data().length));
            since.clear();
        }

        byte[] afterLoss(Kept kept, Random random) {
            byte[] content = synced;
            for (Step step : kept == Kept.NONE ? List.<Step>of() : since) {
                int length = step.data().length;
                if (kept == Kept.RANDOM && random.nextBoolean()) {
                    continue;
                }
                if (kept == Kept.RANDOM && length > SECTOR && random.nextInt(4) == 0) {
                    length = SECTOR * (1 + random.nextInt(length / SECTOR));
                }
                content = after(content, step, length);
            }
            return content;
        }

        private static byte[] after(byte[] content, Step step, int length) {
            if (step.operation() == Operation.TRUNCATE) {
                return Arrays.copyOf(content, (int) step.offset());
            }
            int end = (int) step.offset() + length;
            byte[] changed = Arrays.copyOf(content, Math.max(content.length, end));
            System.arraycopy(step.data(), 0, changed, (int) step.offset(), length);
            return changed;
        }
    }

    /** The files as the process sees them, and as they are on the disk. */
    private static final class Disk {
        private record Renaming(Step step, Content content) {}

        private final Map<String, Content> seen = new HashMap<>();
        private final Map<String, Content> synced = new HashMap<>();
        private final Map<String, List<Renaming>> since = new HashMap<>();

        void existing(String name, byte[] bytes) {
            Content content = new Content();
            content.synced = bytes;
            seen.put(name, content);
            synced.put(name, content);
        }

        void run(Step step) {
            switch (step.operation()) {
                case CREATE -> rename(step, new Content());
                case RENAME, UNLINK -> rename(step, seen.get(step.path()));
                case WRITE, TRUNCATE -> seen.get(step.path()).since.add(step);
                case SYNC -> sync(step.path());
                case MAKE_FOLDER -> {
                    // It is made again when a file in it is written.
                }
            }
        }

        private void rename(Step step, Content content) {
            Renaming renaming = new Renaming(step, content);
            since.computeIfAbsent(step.parent(), parent -> new ArrayList<>()).add(renaming);
            apply(renaming, seen);
        }

        private static void apply(Renaming renaming, Map<String, Content> names) {
            Step step = renaming.step();
            switch (step.operation()) {
                case CREATE -> names.put(step.path(), renaming.content());
                case RENAME -> {
                    names.remove(step.path());
                    names.put(step.second(), renaming.content());
                }
                default -> names.remove(step.path());
            }
        }

        private void sync(String path) {
            if (seen.containsKey(path)) {
                seen.get(path).sync();
            } else {
                since.getOrDefault(path, List.of()).forEach(renaming -> apply(renaming, synced));
                since.remove(path);
            }
        }

        Map<String, byte[]> afterLoss(Kept kept, Random random) {
            Map<String, Content> names = new HashMap<>(synced);
            for (List<Renaming> renamings : since.values()) {
                int applied =
                        switch (kept) {
                            case NONE -> 0;
                            case ALL -> renamings.size();
                            case RANDOM -> random.nextInt(renamings.size() + 1);
                        };
                renamings.subList(0, applied).forEach(renaming -> apply(renaming, names));
            }
            Map<String, byte[]> files = new HashMap<>();
            names.forEach((name, content) -> files.put(name, content.afterLoss(kept, random)));
            return files;
        }
    }
}
