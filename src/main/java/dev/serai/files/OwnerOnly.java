package dev.serai.files;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps files from everybody but their owner, on file systems that know owners: bodies and tokens are in them. */
public final class OwnerOnly {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerOnly.class);
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private OwnerOnly() {}

    /** Those that are missing of the path. A folder that exists is left as it is. */
    public static void createFolders(Path folder) throws IOException {
        Files.createDirectories(folder, attributes(FOLDER));
    }

    /** An empty file. */
    public static void createFile(Path file) throws IOException {
        Files.createFile(file, attributes(FILE));
    }

    /** An empty file with a name of its own. */
    public static Path createTempFile(Path folder, String prefix, String suffix) throws IOException {
        return Files.createTempFile(folder, prefix, suffix, attributes(FILE));
    }

    /** Says so if a folder that exists is open to others. It is left as it is, since others may need what else is in it. */
    public static void tellIfOpen(Path folder) {
        try {
            if (POSIX && Files.isDirectory(folder)) {
                Set<PosixFilePermission> rights = Files.getPosixFilePermissions(folder);
                if (!FOLDER.containsAll(rights)) {
                    LOG.warn(
                            "The folder {} is open to others ({}). The files of the ledger and the admin token are not, other"
                                    + " files in it may be: chmod 700 {}",
                            folder,
                            PosixFilePermissions.toString(rights),
                            folder);
                }
            }
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("The rights of {} cannot be read", folder, e);
        }
    }

    /** Takes the rights of others on a file away, if it exists. */
    public static void restrict(Path file) {
        try {
            if (POSIX && Files.exists(file) && !FILE.equals(Files.getPosixFilePermissions(file))) {
                Files.setPosixFilePermissions(file, FILE);
            }
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("{} may be readable by others, since its rights cannot be changed: {}", file, e.toString());
        }
    }

    private static FileAttribute<?>[] attributes(Set<PosixFilePermission> permissions) {
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }
}
