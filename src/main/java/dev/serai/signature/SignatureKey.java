package dev.serai.signature;

/** One key of a signature scheme. Threads: safe. */
interface SignatureKey {

    /** Whether this is the signature of the parts, taken as one text. False for any bytes that are not a signature. */
    boolean matches(byte[] signature, byte[]... parts);

    /** The signature of the parts, taken as one text. */
    byte[] sign(byte[]... parts);

    /** Whether this key can sign; a public key cannot. */
    boolean canSign();
}
