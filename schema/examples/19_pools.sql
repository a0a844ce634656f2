-- How full is each share group, and how much is left for each member?
SELECT contract_id, members, month_bytes, remaining_bytes, round(remaining_ratio, 3) AS remaining_ratio,
    toUInt64(remaining_bytes / members) AS a_member_bytes, disagreeing_members
FROM data_share_pools
ORDER BY remaining_ratio;
