-- How attempts to deliver ended, the regimes of targets, and how well attempts were foretold.

-- step: the length of the window in minutes, 5, 60 or 1440. at: its beginning in minutes of the epoch. cell: see the class ChainCounts.
CREATE TABLE transition_count (
    step INTEGER NOT NULL,
    at BIGINT NOT NULL,
    target INTEGER NOT NULL,
    cell INTEGER NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (step, at, target, cell)
) WITHOUT ROWID;

-- started and until: epoch milliseconds. ended: 0 while it runs, and of one that a stop of the node cut off.
CREATE TABLE regime_period (
    target INTEGER NOT NULL,
    started BIGINT NOT NULL,
    regime TEXT NOT NULL,
    until BIGINT NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (target, started)
) WITHOUT ROWID;

-- The sums of one day. at: its beginning in minutes of the epoch. col: see the class ForecastScore.
CREATE TABLE forecast_score (
    at BIGINT NOT NULL,
    target INTEGER NOT NULL,
    col INTEGER NOT NULL,
    attempts BIGINT NOT NULL,
    brier DOUBLE PRECISION NOT NULL,
    log_loss DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (at, target, col)
) WITHOUT ROWID;
