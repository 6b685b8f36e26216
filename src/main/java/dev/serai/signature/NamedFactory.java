package dev.serai.signature;

import java.util.function.Function;

/** What factories are made of: the name in configuration, and the constructor that reads the options. */
public abstract class NamedFactory<T> {
    private final String name;
    private final Function<SchemeOptions, T> constructor;

    protected NamedFactory(String name, Function<SchemeOptions, T> constructor) {
        this.name = name;
        this.constructor = constructor;
    }

    /** See {@link SignatureSchemeFactory#name}. */
    public final String name() {
        return name;
    }

    /** See {@link SignatureSchemeFactory#create}. */
    public final T create(SchemeOptions options) {
        return constructor.apply(options);
    }
}
