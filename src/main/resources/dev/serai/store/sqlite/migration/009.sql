-- Who did what. actor: the name of a token, node or local. filter: JSON. count: how many were changed.

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    what TEXT NOT NULL,
    filter TEXT,
    count BIGINT,
    reason TEXT,
    outcome TEXT NOT NULL
);
