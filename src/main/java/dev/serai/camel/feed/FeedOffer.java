package dev.serai.camel.feed;

/** One change to be read. */
interface FeedOffer {
    long sequence();

    /** The change as JSON. */
    byte[] json();

    /** Whether a reader may have it now: not while another node may deliver it. */
    default boolean mayBeRead() {
        return true;
    }

    /** The reader has it. Called once, unless the offer was withdrawn. */
    void acknowledge();
}
