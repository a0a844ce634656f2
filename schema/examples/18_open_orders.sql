-- Which orders are open, and since when has nothing happened to them?
SELECT * FROM
(
    SELECT 'unom' AS api, contract_id, order_id AS order_no, toString(status) AS state, status_since, error_id AS error
    FROM orders FINAL
    WHERE number = 0 AND NOT gone AND status NOT IN ('processed', 'rejected', 'system_error', 'cancelled', 'completed')
    UNION ALL
    SELECT 'serviceorder', contract_id, order_request_num, toString(status), status_since, ''
    FROM service_orders FINAL
    WHERE listed AND status != 'completed'
    UNION ALL
    SELECT 'ipoe', '', order_code, toString(status), status_since, arrayStringConcat(contract_error_messages, '; ')
    FROM ipoe_orders FINAL
    WHERE listed AND status = 'in_progress'
)
ORDER BY status_since
LIMIT 50;
