package dev.serai.connector.file;

import dev.serai.connector.pull.PullException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;

/**
 * Unpacks a {@code .gz} file, or a {@code .zip} file that contains one file.
 *
 * <p>Threads: safe.
 */
final class PackedFile {
    private PackedFile() {}

    static boolean is(String name) {
        return isGzip(name) || isZip(name);
    }

    private static boolean isGzip(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(".gz");
    }

    private static boolean isZip(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(".zip");
    }

    /**
     * Writes the content to another file, which then is complete.
     *
     * @param bytesMax how many bytes it may have
     */
    static void unpack(Path packed, Path to, long bytesMax) throws IOException, PullException {
        Path part = to.resolveSibling(to.getFileName() + ".part");
        try (InputStream bytes = Files.newInputStream(packed, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                OutputStream content = Files.newOutputStream(part)) {
            if (isGzip(packed.toString())) {
                copy(new GZIPInputStream(bytes), content, bytesMax);
            } else {
                copyOnly(new ZipInputStream(bytes), content, bytesMax);
            }
        } catch (ZipException | EOFException e) {
            Files.deleteIfExists(part);
            throw new PullException("it cannot be unpacked: " + e.getMessage());
        } catch (PullException e) {
            Files.deleteIfExists(part);
            throw e;
        }
        Files.move(part, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void copyOnly(ZipInputStream zip, OutputStream content, long bytesMax)
            throws IOException, PullException {
        int files = 0;
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            if (entry.isDirectory()) {
                continue;
            }
            if (++files > 1) {
                throw new PullException("it contains several files: pack each into a file of its own");
            }
            copy(zip, content, bytesMax);
        }
        if (files == 0) {
            throw new PullException("it contains no file, or it is not a zip file");
        }
    }

    private static void copy(InputStream from, OutputStream to, long bytesMax) throws IOException, PullException {
        byte[] buffer = new byte[65_536];
        long bytes = 0;
        for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
            bytes += count;
            if (bytes > bytesMax) {
                throw new PullException(
                        "unpacked it is larger than the " + bytesMax + " bytes that unpackedBytes allows");
            }
            to.write(buffer, 0, count);
        }
    }
}
