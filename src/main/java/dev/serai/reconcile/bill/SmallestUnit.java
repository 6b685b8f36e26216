package dev.serai.reconcile.bill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.serai.connector.pull.PullException;
import dev.serai.text.LogText;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Amounts of money as whole numbers of a currency's smallest unit, a hundredth: yuan become fen. No amount is ever rounded. */
enum SmallestUnit {
    FEN(0),
    YUAN(2);

    /** {@code 1e999999999} would take that many digits. */
    private static final int CHARS_MAX = 30;

    private final int digits;

    SmallestUnit(int digits) {
        this.digits = digits;
    }

    /** An amount that is written in this unit. Throws {@link PullException} if it is not a number, or not whole in fen. */
    long fen(String text) throws PullException {
        String number = text.strip();
        try {
            if (number.length() <= CHARS_MAX) {
                BigDecimal amount = new BigDecimal(number);
                if (Math.abs((long) amount.scale()) <= CHARS_MAX) {
                    return amount.movePointRight(digits).longValueExact();
                }
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // said below
        }
        throw new PullException("the amount " + LogText.of(number) + " is not a number of whole fen");
    }

    /** As {@link #fen(String)}; null for nothing. */
    @Nullable Long fen(@Nullable JsonNode value) throws PullException {
        if (value == null || value.isNull()) {
            return null;
        }
        return fen(value.isNumber() ? value.decimalValue().toString() : value.asText());
    }

    /** Fen as yuan, for people. */
    static String yuan(long fen) {
        return BigDecimal.valueOf(fen, 2).toPlainString();
    }
}
