package dev.serai.signature;

/**
 * Creates the {@link RequestAuth} of one name.
 *
 * <p>An implementation is found by its name in {@code META-INF/services/dev.serai.signature.RequestAuthFactory}.
 */
public interface RequestAuthFactory {

    /** The name in configuration, like {@code wechatpay}. */
    String name();

    /**
     * Creates it with its keys.
     *
     * @throws IllegalArgumentException if the options cannot work; its message names the option, never its value
     */
    RequestAuth create(SchemeOptions options);
}
