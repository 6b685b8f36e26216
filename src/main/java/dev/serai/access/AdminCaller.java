package dev.serai.access;

/**
 * Who sent a request to the admin port.
 *
 * @param name of the token; {@link #ADMIN} for that of {@code serai.admin.tokenFile}
 */
public record AdminCaller(String name, TokenRole role) {
    public static final AdminCaller ADMIN = new AdminCaller("admin", TokenRole.OPERATE);
}
