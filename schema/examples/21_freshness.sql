-- How old are the figures, and what did the last sweeps do?
SELECT source, job, max(finished_at) AS last_finished, argMax(ok, finished_at) AS ok, argMax(failed, finished_at) AS failed,
    argMax(requests, finished_at) AS requests, sum(throttled) AS throttled_in_all
FROM sweeps FINAL
GROUP BY source, job
ORDER BY source, job;
