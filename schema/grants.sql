-- Roles for those who share the database kaisen on a ClickHouse server. Written from schema/roles.go and from the
-- comments of the columns. Run it as an administrator after `kaisen migrate`, again after every upgrade, and grant the
-- roles to users of your own:
--
--     CREATE USER kaisen IDENTIFIED WITH sha256_password BY '…';
--     GRANT kaisen_writer TO kaisen;
--
-- Where the database has another name, replace `kaisen.` below. On a cluster add ON CLUSTER to every statement, or run
-- them on each shard where these are alone; those at the end are for clusters only. What a role had before is taken back first, so that an upgrade that calls
-- a column personal data closes it. The embedded engine needs none of this: its accounts have the same rights.
--
-- Readers: readonly = 2, because clients send settings with their questions; what must hold is CONST or has a MAX. The time
-- may be chosen, but not be 0, which would be none; clients with a deadline send it with some seconds on top. final = 1
-- reads everything as with FINAL, so that no row counts twice. Bytes are for a server of 16 GB: change them to yours.

-- kaisen_migrator is who runs `kaisen migrate --dsn-file …`: tables, views, retention. Nobody else needs these
-- rights.
CREATE ROLE IF NOT EXISTS kaisen_migrator;
REVOKE ALL ON *.* FROM kaisen_migrator;
GRANT CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP TABLE, DROP VIEW, ALTER TABLE, ALTER VIEW, SELECT, INSERT ON kaisen.* TO kaisen_migrator;
GRANT TABLE ENGINE ON MergeTree TO kaisen_migrator;
GRANT TABLE ENGINE ON ReplacingMergeTree TO kaisen_migrator;

-- kaisen_writer is who `kaisen run` and `kaisen sweep` are: they write rows, read what they wrote when they start, and
-- take away those that a wrong clock has dated in the future, once they are dated anew.
CREATE ROLE IF NOT EXISTS kaisen_writer;
REVOKE ALL ON *.* FROM kaisen_writer;
GRANT SELECT, INSERT, ALTER DELETE ON kaisen.* TO kaisen_writer;

-- kaisen_analyst may read everything, personal data too, and change nothing but temporary tables of its own.
CREATE ROLE IF NOT EXISTS kaisen_analyst;
REVOKE ALL ON *.* FROM kaisen_analyst;
ALTER ROLE kaisen_analyst SETTINGS readonly = 2 CONST, final = 1, max_execution_time = 600 MIN 1 MAX 610, max_memory_usage = 8000000000 CONST, max_memory_usage_for_user = 8000000000 CONST, max_untracked_memory = 4194304 CONST, max_temporary_data_on_disk_size_for_user = 10000000000 CONST, additional_table_filters CONST, parallel_replicas_custom_key CONST;
GRANT SELECT ON kaisen.* TO kaisen_analyst;
GRANT SELECT ON information_schema.* TO kaisen_analyst;
GRANT SELECT ON INFORMATION_SCHEMA.* TO kaisen_analyst;
GRANT SELECT ON system.parts TO kaisen_analyst;
GRANT CREATE TEMPORARY TABLE ON *.* TO kaisen_analyst;
GRANT TABLE ENGINE ON Memory TO kaisen_analyst;

-- kaisen_grafana is for dashboards, which many people see: it reads the columns whose comment says nothing of personal
-- data, and the line numbers, without which no dashboard could say which line it speaks of.
CREATE ROLE IF NOT EXISTS kaisen_grafana;
REVOKE ALL ON *.* FROM kaisen_grafana;
ALTER ROLE kaisen_grafana SETTINGS readonly = 2 CONST, final = 1, max_execution_time = 60 MIN 1 MAX 70, max_memory_usage = 4000000000 CONST, max_memory_usage_for_user = 4000000000 CONST, max_untracked_memory = 4194304 CONST, max_temporary_data_on_disk_size_for_user = 10000000000 CONST, additional_table_filters CONST, parallel_replicas_custom_key CONST;
GRANT SELECT ON kaisen.authentications TO kaisen_grafana;
GRANT SELECT ON kaisen.border_events TO kaisen_grafana;
GRANT SELECT ON kaisen.border_events_from_log TO kaisen_grafana;
GRANT SELECT ON kaisen.carrier_findings TO kaisen_grafana;
GRANT SELECT ON kaisen.closed_months TO kaisen_grafana;
GRANT SELECT ON kaisen.closed_session_months TO kaisen_grafana;
GRANT SELECT ON kaisen.data_share_members TO kaisen_grafana;
GRANT SELECT ON kaisen.data_share_pools TO kaisen_grafana;
GRANT SELECT ON kaisen.forecast_results TO kaisen_grafana;
GRANT SELECT(source, order_code, order_type_code, order_type, change_type, customer_site_code, status_code, status, application_date, hope_to_start_at, hope_to_end_at, customer_code, overwrite_check_flag, line_bundle_type, line_type, line_id, terminal_bundle_type, global_ip, contract_product_codes, contract_product_names, contract_product_types, contract_statuses, contract_error_messages, location_prefectures, destination_prefectures, destination_hope_to_at, lan_network_address, lan_interface_address, dhcp_start_address, dhcp_end_address, dhcp_dns1, dhcp_dns2, ipip_cpe_ipv4_address, ipip_cpe_ipv6_address, ipip_tunnel_ipv6_address, ipip_username, listed, first_seen, status_since, detail_observed_at, detail_received_at, observed_at) ON kaisen.ipoe_orders TO kaisen_grafana;
GRANT SELECT ON kaisen.ipoe_products TO kaisen_grafana;
GRANT SELECT(source, customer_site_code, customer_code, customer_type, status_code, status, start_at, end_at, line_bundle_type, line_type, line_id, terminal_bundle_type, global_ip, ppone_gw_nodename, pptwo_gw_nodename, vrf, tunnel_if, customer_site_number, cpe_model_name, east_or_west, terminal_hostname, terminal_domain, ppone_gw_hostname, ppone_gw_fqdn, ppone_gw_tep, ppone_gw_bgp, pptwo_gw_hostname, pptwo_gw_fqdn, pptwo_gw_tep, pptwo_gw_bgp, lan_loopback, contract_product_codes, contract_product_names, contract_product_types, contract_start_dates, contract_end_dates, location_prefectures, lan_network_address, lan_interface_address, dhcp_start_address, dhcp_end_address, dhcp_dns1, dhcp_dns2, ipip_cpe_ipv4_address, ipip_cpe_ipv6_address, ipip_tunnel_ipv6_address, ipip_username, listed, first_seen, detail_observed_at, detail_received_at, observed_at) ON kaisen.ipoe_sites TO kaisen_grafana;
GRANT SELECT(source, contract_id, line_no, field, observed_at, old_shown, new_shown) ON kaisen.line_changes TO kaisen_grafana;
GRANT SELECT ON kaisen.line_connections TO kaisen_grafana;
GRANT SELECT ON kaisen.line_forecast TO kaisen_grafana;
GRANT SELECT ON kaisen.line_forecasts TO kaisen_grafana;
GRANT SELECT ON kaisen.line_month_counts TO kaisen_grafana;
GRANT SELECT ON kaisen.line_month_counts_from_samples TO kaisen_grafana;
GRANT SELECT ON kaisen.line_months TO kaisen_grafana;
GRANT SELECT ON kaisen.line_names TO kaisen_grafana;
GRANT SELECT ON kaisen.line_status TO kaisen_grafana;
GRANT SELECT(source, contract_id, line_no, state, origin, start_date, plan_code, access, option_codes, sim_type, sim_number, device_name, imei, authentication_type, act_ip_address, sby_ip_address, roaming_ip_address, imei_option, data_share, first_seen, last_seen, observed_at) ON kaisen.lines TO kaisen_grafana;
GRANT SELECT ON kaisen.log_watermarks TO kaisen_grafana;
GRANT SELECT ON kaisen.month_fills TO kaisen_grafana;
GRANT SELECT ON kaisen.near_cap_lines TO kaisen_grafana;
GRANT SELECT ON kaisen.orders TO kaisen_grafana;
GRANT SELECT ON kaisen.paired_sessions TO kaisen_grafana;
GRANT SELECT ON kaisen.paired_sessions_from_log TO kaisen_grafana;
GRANT SELECT ON kaisen.plan_fit TO kaisen_grafana;
GRANT SELECT ON kaisen.plan_volumes TO kaisen_grafana;
GRANT SELECT ON kaisen.pool_forecast TO kaisen_grafana;
GRANT SELECT ON kaisen.pool_month_counts TO kaisen_grafana;
GRANT SELECT ON kaisen.pool_month_counts_from_samples TO kaisen_grafana;
GRANT SELECT ON kaisen.pool_months TO kaisen_grafana;
GRANT SELECT ON kaisen.products TO kaisen_grafana;
GRANT SELECT ON kaisen.restriction_episodes TO kaisen_grafana;
GRANT SELECT ON kaisen.restriction_turns TO kaisen_grafana;
GRANT SELECT ON kaisen.restriction_turns_from_samples TO kaisen_grafana;
GRANT SELECT ON kaisen.run_out_lines TO kaisen_grafana;
GRANT SELECT(source, web_entry_id, change_relation_num, main_back_identifier, order_num, contract_vpn_num, contract_line_num_appl, contract_line_num_distribut, dark_id, quotation_group_id, appl_ymd, kind, product_name, service_name, accs_line_type_main, line_speed, put_place_add_prefectures, sale_channel_code, support_request_status, support_request_action_ymd, accs_const_presence, universal_one_terminal, term_const_div, holdout_schedule_ymd, recept_ymd, change_relation_recept_ymd, field_research_status, area_field_research_schedule_ymd, area_field_research_time_zone, area_field_research_schedule_time_zone, area_field_research_worker, area_field_research_action_ymd, com_field_research_time_zone, com_field_research_expected_day, com_field_research_expected_time_zone, com_field_research_worker, com_field_research_action_ymd, ancillary_const_presence, continuity_const_trial_status, df_const_hope_ymd, continuity_const_schedule_ymd, continuity_const_schedule_time_zone, continuity_const_worker, continuity_const_action_ymd, home_const_status, accs_line_schedule_ymd, home_const_time_zone, accs_line_schedule_time_zone, home_const_worker, accs_line_action_ymd, term_const_status, term_const_schedule_ymd, term_const_hope_time_zone, term_const_schedule_time_zone, term_const_worker, term_const_action_ymd, withdraw_kbn, observed_at) ON kaisen.service_order_details TO kaisen_grafana;
GRANT SELECT ON kaisen.service_orders TO kaisen_grafana;
GRANT SELECT ON kaisen.session_durations TO kaisen_grafana;
GRANT SELECT ON kaisen.session_events TO kaisen_grafana;
GRANT SELECT ON kaisen.session_latest TO kaisen_grafana;
GRANT SELECT ON kaisen.session_samples TO kaisen_grafana;
GRANT SELECT ON kaisen.stale_after TO kaisen_grafana;
GRANT SELECT ON kaisen.sweeps TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_daily TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_hourly TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_hourly_from_samples TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_hours TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_latest TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_monthly TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_samples TO kaisen_grafana;

-- For a cluster: the tables that lie on each server, under the Distributed ones.
GRANT CLUSTER ON *.* TO kaisen_migrator;
GRANT TABLE ENGINE ON ReplicatedMergeTree TO kaisen_migrator;
GRANT TABLE ENGINE ON ReplicatedReplacingMergeTree TO kaisen_migrator;
GRANT TABLE ENGINE ON Distributed TO kaisen_migrator;
GRANT REMOTE ON *.* TO kaisen_migrator;
GRANT SELECT ON system.clusters TO kaisen_migrator;
GRANT SELECT ON system.macros TO kaisen_migrator;
GRANT SELECT ON system.zookeeper TO kaisen_migrator;
GRANT SELECT ON system.clusters TO kaisen_writer;
GRANT SELECT ON system.macros TO kaisen_writer;
GRANT SELECT ON kaisen.authentications_local TO kaisen_grafana;
GRANT SELECT ON kaisen.border_events_local TO kaisen_grafana;
GRANT SELECT ON kaisen.carrier_findings_local TO kaisen_grafana;
GRANT SELECT ON kaisen.data_share_members_local TO kaisen_grafana;
GRANT SELECT(source, order_code, order_type_code, order_type, change_type, customer_site_code, status_code, status, application_date, hope_to_start_at, hope_to_end_at, customer_code, overwrite_check_flag, line_bundle_type, line_type, line_id, terminal_bundle_type, global_ip, contract_product_codes, contract_product_names, contract_product_types, contract_statuses, contract_error_messages, location_prefectures, destination_prefectures, destination_hope_to_at, lan_network_address, lan_interface_address, dhcp_start_address, dhcp_end_address, dhcp_dns1, dhcp_dns2, ipip_cpe_ipv4_address, ipip_cpe_ipv6_address, ipip_tunnel_ipv6_address, ipip_username, listed, first_seen, status_since, detail_observed_at, detail_received_at, observed_at) ON kaisen.ipoe_orders_local TO kaisen_grafana;
GRANT SELECT ON kaisen.ipoe_products_local TO kaisen_grafana;
GRANT SELECT(source, customer_site_code, customer_code, customer_type, status_code, status, start_at, end_at, line_bundle_type, line_type, line_id, terminal_bundle_type, global_ip, ppone_gw_nodename, pptwo_gw_nodename, vrf, tunnel_if, customer_site_number, cpe_model_name, east_or_west, terminal_hostname, terminal_domain, ppone_gw_hostname, ppone_gw_fqdn, ppone_gw_tep, ppone_gw_bgp, pptwo_gw_hostname, pptwo_gw_fqdn, pptwo_gw_tep, pptwo_gw_bgp, lan_loopback, contract_product_codes, contract_product_names, contract_product_types, contract_start_dates, contract_end_dates, location_prefectures, lan_network_address, lan_interface_address, dhcp_start_address, dhcp_end_address, dhcp_dns1, dhcp_dns2, ipip_cpe_ipv4_address, ipip_cpe_ipv6_address, ipip_tunnel_ipv6_address, ipip_username, listed, first_seen, detail_observed_at, detail_received_at, observed_at) ON kaisen.ipoe_sites_local TO kaisen_grafana;
GRANT SELECT(source, contract_id, line_no, field, observed_at, old_shown, new_shown) ON kaisen.line_changes_local TO kaisen_grafana;
GRANT SELECT ON kaisen.line_forecasts_local TO kaisen_grafana;
GRANT SELECT ON kaisen.line_month_counts_local TO kaisen_grafana;
GRANT SELECT ON kaisen.line_names_local TO kaisen_grafana;
GRANT SELECT(source, contract_id, line_no, state, origin, start_date, plan_code, access, option_codes, sim_type, sim_number, device_name, imei, authentication_type, act_ip_address, sby_ip_address, roaming_ip_address, imei_option, data_share, first_seen, last_seen, observed_at) ON kaisen.lines_local TO kaisen_grafana;
GRANT SELECT ON kaisen.log_watermarks_local TO kaisen_grafana;
GRANT SELECT ON kaisen.month_fills_local TO kaisen_grafana;
GRANT SELECT ON kaisen.orders_local TO kaisen_grafana;
GRANT SELECT ON kaisen.paired_sessions_local TO kaisen_grafana;
GRANT SELECT ON kaisen.pool_month_counts_local TO kaisen_grafana;
GRANT SELECT ON kaisen.products_local TO kaisen_grafana;
GRANT SELECT ON kaisen.restriction_turns_local TO kaisen_grafana;
GRANT SELECT(source, web_entry_id, change_relation_num, main_back_identifier, order_num, contract_vpn_num, contract_line_num_appl, contract_line_num_distribut, dark_id, quotation_group_id, appl_ymd, kind, product_name, service_name, accs_line_type_main, line_speed, put_place_add_prefectures, sale_channel_code, support_request_status, support_request_action_ymd, accs_const_presence, universal_one_terminal, term_const_div, holdout_schedule_ymd, recept_ymd, change_relation_recept_ymd, field_research_status, area_field_research_schedule_ymd, area_field_research_time_zone, area_field_research_schedule_time_zone, area_field_research_worker, area_field_research_action_ymd, com_field_research_time_zone, com_field_research_expected_day, com_field_research_expected_time_zone, com_field_research_worker, com_field_research_action_ymd, ancillary_const_presence, continuity_const_trial_status, df_const_hope_ymd, continuity_const_schedule_ymd, continuity_const_schedule_time_zone, continuity_const_worker, continuity_const_action_ymd, home_const_status, accs_line_schedule_ymd, home_const_time_zone, accs_line_schedule_time_zone, home_const_worker, accs_line_action_ymd, term_const_status, term_const_schedule_ymd, term_const_hope_time_zone, term_const_schedule_time_zone, term_const_worker, term_const_action_ymd, withdraw_kbn, observed_at) ON kaisen.service_order_details_local TO kaisen_grafana;
GRANT SELECT ON kaisen.service_orders_local TO kaisen_grafana;
GRANT SELECT ON kaisen.session_events_local TO kaisen_grafana;
GRANT SELECT ON kaisen.session_latest_local TO kaisen_grafana;
GRANT SELECT ON kaisen.session_samples_local TO kaisen_grafana;
GRANT SELECT ON kaisen.stale_after_local TO kaisen_grafana;
GRANT SELECT ON kaisen.sweeps_local TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_daily_local TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_hours_local TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_latest_local TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_monthly_local TO kaisen_grafana;
GRANT SELECT ON kaisen.traffic_samples_local TO kaisen_grafana;
