-- Why a target is paused: paused is 1 for an operator, 2 for a target that answered that it is gone.

ALTER TABLE target ADD COLUMN paused_at BIGINT;
ALTER TABLE target ADD COLUMN paused_by TEXT;
ALTER TABLE target ADD COLUMN paused_reason TEXT;
