-- Which of the carrier's answers could not be understood, and why?
SELECT operation, reason, count() AS answers, max(observed_at) AS last, any(payload) AS one_of_them
FROM dead_letters
GROUP BY operation, reason
ORDER BY answers DESC
LIMIT 20;
