package dev.serai.rhythm;

/** Numbers of a rhythm that was written as text. */
final class RhythmText {
    private RhythmText() {}

    /** A finite number that is not negative; throws {@link IllegalArgumentException} for others. */
    static double number(String text) {
        double number = Double.parseDouble(text);
        if (!Double.isFinite(number) || number < 0) {
            throw new IllegalArgumentException("not a number of a rhythm: " + number);
        }
        return number;
    }
}
