-- A change that a step of the target's route keeps back: state 7, filtered.

ALTER TABLE target ADD COLUMN filtered BIGINT NOT NULL DEFAULT 0;
