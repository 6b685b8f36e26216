package dev.serai.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.FieldVisitor;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.Opcodes;

/**
 * The classes on the class path, read from their bytes, so that nothing is loaded and a library that is missing does no harm.
 * Names are those of the JVM, like {@code java/lang/Object}; members are a name and a descriptor.
 */
public final class ClassPathIndex {
    private static final int FIELD = 9;
    private static final int METHOD = 10;
    private static final int INTERFACE_METHOD = 11;

    private final Map<String, Optional<ClassFile>> classes = new HashMap<>();

    /** A class and its own members. */
    public record ClassFile(
            String name, int access, List<String> parents, Set<String> members, Set<String> abstractMethods) {

        private Set<String> implemented() {
            Set<String> implemented = new HashSet<>(members);
            implemented.removeAll(abstractMethods);
            return implemented;
        }

        public boolean isConcrete() {
            return (access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_INTERFACE | Opcodes.ACC_MODULE)) == 0;
        }
    }

    /** A field or method that a class uses. */
    public record Use(String owner, String member) {
        @Override
        public String toString() {
            return owner + "." + member;
        }
    }

    /** Reads a class whose name is not known. */
    public static ClassFile read(byte[] bytes) {
        Collector collector = new Collector();
        new ClassReader(bytes)
                .accept(collector, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        return collector.result();
    }

    /** The fields and methods that a class refers to, its own among them. */
    public static Set<Use> uses(byte[] bytes) {
        ClassReader reader = new ClassReader(bytes);
        char[] buffer = new char[reader.getMaxStringLength()];
        Set<Use> uses = new HashSet<>();
        for (int i = 1; i < reader.getItemCount(); i++) {
            int at = reader.getItem(i);
            int tag = at == 0 ? 0 : reader.readByte(at - 1);
            if (tag == FIELD || tag == METHOD || tag == INTERFACE_METHOD) {
                int nameAndType = reader.getItem(reader.readUnsignedShort(at + 2));
                uses.add(new Use(
                        reader.readClass(at, buffer),
                        reader.readUTF8(nameAndType, buffer) + " " + reader.readUTF8(nameAndType + 2, buffer)));
            }
        }
        return uses;
    }

    /** A class by its name; empty if it is not on the class path. */
    public Optional<ClassFile> find(String name) {
        Optional<ClassFile> known = classes.get(name);
        if (known == null) {
            known = load(name);
            classes.put(name, known);
        }
        return known;
    }

    private static Optional<ClassFile> load(String name) {
        try (InputStream bytes = ClassLoader.getSystemResourceAsStream(name + ".class")) {
            return bytes == null ? Optional.empty() : Optional.of(read(bytes.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the owner, or a class or interface that it extends, has the member. */
    public boolean has(Use use) {
        Optional<ClassFile> owner = find(use.owner());
        return owner.isPresent()
                && (owner.get().members().contains(use.member())
                        || owner.get().parents().stream().anyMatch(parent -> has(new Use(parent, use.member()))));
    }

    /** The methods that a class must have because of its interfaces and abstract parents, but does not have. */
    public Set<String> lacks(ClassFile one) {
        Set<String> demanded = new TreeSet<>();
        Set<String> there = new HashSet<>();
        for (ClassFile each : family(one)) {
            demanded.addAll(each.abstractMethods());
            there.addAll(each.implemented());
        }
        demanded.removeAll(there);
        return demanded;
    }

    /** The parents, near and far, that are not on the class path. */
    public Set<String> missingParents(ClassFile one) {
        Set<String> missing = new TreeSet<>();
        for (ClassFile each : family(one)) {
            each.parents().stream().filter(parent -> find(parent).isEmpty()).forEach(missing::add);
        }
        return missing;
    }

    private List<ClassFile> family(ClassFile one) {
        List<ClassFile> family = new ArrayList<>(List.of(one));
        for (int i = 0; i < family.size(); i++) {
            for (String parent : family.get(i).parents()) {
                find(parent).filter(found -> !family.contains(found)).ifPresent(family::add);
            }
        }
        return family;
    }

    private static final class Collector extends ClassVisitor {
        private String className;
        private int classAccess;
        private final List<String> parents = new ArrayList<>();
        private final Set<String> members = new HashSet<>();
        private final Set<String> abstractMethods = new HashSet<>();

        Collector() {
            super(Opcodes.ASM9);
        }

        ClassFile result() {
            return new ClassFile(className, classAccess, parents, members, abstractMethods);
        }

        @Override
        public void visit(int version, int access, String name, String signature, String parent, String[] interfaces) {
            className = name;
            classAccess = access;
            if (parent != null) {
                parents.add(parent);
            }
            parents.addAll(Arrays.asList(interfaces));
        }

        @Override
        public FieldVisitor visitField(int access, String name, String type, String signature, Object value) {
            members.add(name + " " + type);
            return null;
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] thrown) {
            members.add(name + " " + type);
            if ((access & Opcodes.ACC_ABSTRACT) != 0) {
                abstractMethods.add(name + " " + type);
            }
            return null;
        }
    }
}
