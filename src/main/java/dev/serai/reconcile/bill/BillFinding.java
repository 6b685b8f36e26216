package dev.serai.reconcile.bill;

/** How a payment or a refund differs between the bill, the ledger and the target. */
enum BillFinding {
    /** It is on the bill, and not in the ledger. */
    MISSING_HERE("missingHere"),
    /** It is in the ledger, and not on the bill. */
    MISSING_THERE("missingThere"),
    /** It is on the bill or in the ledger, and not in the target. */
    MISSING_IN_TARGET("missingInTarget"),
    AMOUNT_DIFFERS("amountDiffers"),
    STATUS_DIFFERS("statusDiffers"),
    /** A side cannot be read. */
    UNREADABLE("unreadable");

    private final String word;

    BillFinding(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
