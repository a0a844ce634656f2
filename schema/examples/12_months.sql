-- How does each contract's month compare with the month before?
SELECT month, contract_id, sum(bytes) AS month_bytes,
    lagInFrame(month_bytes) OVER (PARTITION BY contract_id ORDER BY month) AS month_before_bytes,
    round(month_bytes / nullIf(month_before_bytes, 0), 2) AS times
FROM traffic_monthly FINAL
WHERE scope = 'line'
GROUP BY month, contract_id
ORDER BY month DESC, contract_id;
