package dev.serai.admin;

import dev.serai.files.OwnerOnly;
import dev.serai.signature.HmacKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The secret that admin requests must carry.
 *
 * <p>Threads: safe.
 */
public final class AdminToken {
    private static final int LENGTH_MIN = 16;

    private final byte[] token;

    AdminToken(String token) {
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads the token from its file, or makes the file with a new one that only its owner can read.
     *
     * @throws IOException with a line that says what to do
     */
    public static AdminToken readOrCreate(Path file) throws IOException {
        try {
            if (Files.size(file) == 0) {
                // A power cut came between its creation and its content.
                Files.delete(file);
            }
            return read(file);
        } catch (NoSuchFileException e) {
            create(file);
            return read(file);
        }
    }

    /** A secret for another purpose; the token cannot be derived from it. */
    public byte[] derive(String purpose) {
        return new HmacKey(token).sign(purpose.getBytes(StandardCharsets.UTF_8));
    }

    private static AdminToken read(Path file) throws IOException {
        String token = Files.readString(file).strip();
        if (token.length() < LENGTH_MIN || token.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IOException("the admin token in " + file + " must be at least " + LENGTH_MIN
                    + " visible ASCII characters: delete the file to get a new one");
        }
        return new AdminToken(token);
    }

    /** Writes a temporary file and links it to the name, so that no reader sees a partial token or another process's token. */
    private static void create(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(file + " cannot be the file of the admin token: it has no folder");
        }
        OwnerOnly.createFolders(folder);
        Path draft = OwnerOnly.createTempFile(folder, ".admin", ".token");
        try {
            Files.writeString(draft, newToken() + "\n");
            sync(draft, StandardOpenOption.WRITE);
            link(draft, file);
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

    private static void link(Path draft, Path file) throws IOException {
        try {
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            // Another process made it meanwhile: its token counts.
            return;
        } catch (UnsupportedOperationException | FileSystemException e) {
            // A file system without hard links.
            Files.move(draft, file);
        }
    }

    private static String newToken() {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** Whether a secret is this token; takes as long for any wrong one. */
    boolean is(String secret) {
        return MessageDigest.isEqual(token, secret.getBytes(StandardCharsets.UTF_8));
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return "AdminToken";
    }
}
