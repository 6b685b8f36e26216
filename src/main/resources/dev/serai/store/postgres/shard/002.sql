-- As SQLite's script 012.

CREATE TABLE transition_count (
    step INTEGER NOT NULL,
    at BIGINT NOT NULL,
    target INTEGER NOT NULL,
    cell INTEGER NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (step, at, target, cell)
);

CREATE TABLE regime_period (
    target INTEGER NOT NULL,
    started BIGINT NOT NULL,
    regime TEXT NOT NULL,
    until BIGINT NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (target, started)
);

CREATE TABLE forecast_score (
    at BIGINT NOT NULL,
    target INTEGER NOT NULL,
    col INTEGER NOT NULL,
    attempts BIGINT NOT NULL,
    brier DOUBLE PRECISION NOT NULL,
    log_loss DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (at, target, col)
);
