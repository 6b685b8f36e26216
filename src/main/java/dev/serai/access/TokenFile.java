package dev.serai.access;

import dev.serai.files.OwnerOnly;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * The file {@code data/tokens}: one named token a line. It is replaced as a whole, so that a reader sees all of it or the one
 * before, also after a power cut; only its owner may read it.
 *
 * <p>Threads: safe; two processes that change it take turns.
 */
public final class TokenFile extends NamedTokenStore {
    private final Path file;

    private TokenFile(Path file) {
        this.file = file;
    }

    /** The file in a node's data folder. */
    public static TokenFile in(Path data) {
        return new TokenFile(data.toAbsolutePath().resolve("tokens"));
    }

    public Path path() {
        return file;
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    byte[] bytes() throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new IOException("it is larger than " + BYTES_MAX + " bytes");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    @Override
    void protect() {
        OwnerOnly.restrict(file);
    }

    @Override
    String explain(IOException e) {
        return e instanceof AccessDeniedException
                ? "access is denied; make the user of this process its owner, with the mode 600"
                : e.getMessage() + "; mend it, or delete it and make new tokens";
    }

    @Override
    void rewrite(UnaryOperator<byte[]> change) throws IOException {
        Path folder = Objects.requireNonNull(file.getParent());
        OwnerOnly.createFolders(folder);
        Path lock = folder.resolve("tokens.lock");
        try (FileChannel turn = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            OwnerOnly.restrict(lock);
            turn.lock();
            write(folder, change.apply(bytes()));
        }
    }

    private void write(Path folder, byte[] lines) throws IOException {
        Path draft = OwnerOnly.createTempFile(folder, ".tokens", ".new");
        try {
            Files.write(draft, lines);
            sync(draft, StandardOpenOption.WRITE);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(folder, StandardOpenOption.READ);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Without it a power cut could leave an empty file under the final name. */
    private static void sync(Path path, StandardOpenOption access) throws IOException {
        try (FileChannel channel = FileChannel.open(path, access)) {
            channel.force(true);
        }
    }
}
