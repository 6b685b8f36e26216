package dev.serai.forecast;

/** What was foretold about an attempt when it was made. */
public final class AttemptForecast {
    final AttemptBucket bucket;
    final Regime regime;
    final AttemptEnd last;
    final double[] experts;
    final double mixed;

    AttemptForecast(AttemptBucket bucket, Regime regime, AttemptEnd last, double[] experts, double mixed) {
        this.bucket = bucket;
        this.regime = regime;
        this.last = last;
        this.experts = experts;
        this.mixed = mixed;
    }

    /** The regime in which the attempt was made. */
    public Regime regime() {
        return regime;
    }

    /** The probability of delivery. */
    public double delivered() {
        return mixed;
    }

    /** The probability of delivery that one expert gave. */
    public double delivered(Expert expert) {
        return experts[expert.ordinal()];
    }
}
