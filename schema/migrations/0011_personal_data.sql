-- Which columns are personal data, once more: the role kaisen_grafana is granted what is not (schema/grants.sql), so the
-- comments decide. What somebody has written freely counts, because names are in it.

ALTER TABLE lines COMMENT COLUMN note 'note: the customer''s own remark; personal data';
ALTER TABLE lines COMMENT COLUMN authentication_id 'authenticationId: the name it logs in by; personal data';
ALTER TABLE ipoe_sites COMMENT COLUMN customer_site_name 'customerSiteName; personal data';
ALTER TABLE ipoe_sites COMMENT COLUMN case_name 'caseName, by which sites are grouped; personal data';
ALTER TABLE ipoe_orders COMMENT COLUMN customer_site_name 'customerSiteName; personal data';
ALTER TABLE ipoe_orders COMMENT COLUMN case_name 'caseName; personal data';
ALTER TABLE contracts COMMENT COLUMN domain_name 'domainName: the name the service was applied for by; personal data';
ALTER TABLE contracts COMMENT COLUMN contact_dept_name 'contactDeptName: the office in charge of the contract; personal data';
ALTER TABLE dead_letters COMMENT COLUMN payload 'the answer, whole; personal data';
ALTER TABLE dead_letters COMMENT COLUMN reason 'what was not understood; personal data, because it may quote the answer';

-- A change of a remark is as personal as the remark. Dashboards read these two instead, which the database fills.

ALTER TABLE line_changes COMMENT COLUMN old 'value before; personal data where the field is';
ALTER TABLE line_changes COMMENT COLUMN new 'value after; personal data where the field is';
ALTER TABLE line_changes ADD COLUMN IF NOT EXISTS old_shown String MATERIALIZED if(field IN ('note', 'authentication_id'), '', old) COMMENT 'old, but empty for fields that not everybody may read';
ALTER TABLE line_changes ADD COLUMN IF NOT EXISTS new_shown String MATERIALIZED if(field IN ('note', 'authentication_id'), '', new) COMMENT 'new, but empty for fields that not everybody may read';
