-- How samples lie on the disk, chosen by measuring 2.9 million of them (make bench prints the bytes by column). Bytes a
-- value, in lines that idle half of the time / in lines that are always busy:
--
--                      month_bytes    today_bytes    remaining_bytes
--   Delta, ZSTD(1)     2.23 / 3.52    2.28 / 3.52    2.23 / 3.17     as it was
--   Delta, T64, ZSTD   2.12 / 2.92    2.22 / 2.93    2.19 / 2.64
--   ZSTD(1)            1.99 / 3.57    2.05 / 3.57    1.77 / 3.03
--   ZSTD(3)            2.00 / 3.27    2.12 / 3.49    1.78 / 2.91
--
-- A counter that always moves is cheapest as differences; a remainder is often NULL, or 0 for days, which ZSTD alone
-- sees best. observed_at has whole seconds (a Date header): Delta, ZSTD 0.82 against DoubleDelta, ZSTD 1.09.
-- received_at is written with whole seconds too: its milliseconds, which nobody reads, took 2.7 bytes. Older parts are
-- packed anew when they are merged.

ALTER TABLE traffic_samples MODIFY COLUMN received_at CODEC(Delta, ZSTD(3));
ALTER TABLE traffic_samples MODIFY COLUMN observed_at CODEC(Delta, ZSTD(3));
ALTER TABLE traffic_samples MODIFY COLUMN month_bytes CODEC(Delta, T64, ZSTD(1));
ALTER TABLE traffic_samples MODIFY COLUMN today_bytes CODEC(Delta, T64, ZSTD(1));
ALTER TABLE traffic_samples MODIFY COLUMN remaining_bytes CODEC(ZSTD(3));

ALTER TABLE session_samples MODIFY COLUMN received_at CODEC(Delta, ZSTD(3));
ALTER TABLE session_samples MODIFY COLUMN observed_at CODEC(Delta, ZSTD(3));
