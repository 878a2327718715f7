-- Where the reports of one batch stand before they are merged. Private to the connection, empty after each commit.
-- PLAIN because a table that never moves text aside has one file to empty at each commit, and not three.
CREATE TEMPORARY TABLE IF NOT EXISTS told_producer (
    id bigint, status text, kind text, first_name text, middle_name text, last_name text, name_suffix text,
    file_first_name text, file_last_name text, name_differs boolean, born_on date, other_names jsonb, notes jsonb,
    ssn_sealed text, ssn_last4 text, ssn_index text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_address (
    organization_id bigint, producer_id bigint, state text STORAGE PLAIN, type_code text STORAGE PLAIN,
    type_name text STORAGE PLAIN, line_1 text STORAGE PLAIN, line_2 text STORAGE PLAIN,
    line_3 text STORAGE PLAIN, city text STORAGE PLAIN, address_state text STORAGE PLAIN,
    zip text STORAGE PLAIN, country text STORAGE PLAIN, updated_on date
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_contact (
    organization_id bigint, producer_id bigint, state text STORAGE PLAIN, kind text STORAGE PLAIN,
    value text STORAGE PLAIN, updated_on date
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_license (
    organization_id bigint, producer_id bigint, state text STORAGE PLAIN, number text STORAGE PLAIN,
    class_code text STORAGE PLAIN, class_name text STORAGE PLAIN, residency text STORAGE PLAIN,
    is_active boolean, issued_on date, expires_on date, adjuster_home_state text STORAGE PLAIN,
    updated_on date
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_line (
    organization_id bigint, producer_id bigint, state text STORAGE PLAIN, number text STORAGE PLAIN,
    class_code text STORAGE PLAIN, code text STORAGE PLAIN, name text STORAGE PLAIN,
    status text STORAGE PLAIN, status_reason text STORAGE PLAIN, status_reason_on date, issued_on date,
    ce_compliance text STORAGE PLAIN, ce_renewal_on date, ce_credits_needed text STORAGE PLAIN
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_appointment (
    organization_id bigint, producer_id bigint, state text STORAGE PLAIN, cocode text STORAGE PLAIN,
    company_name text STORAGE PLAIN, fein text STORAGE PLAIN, line_name text STORAGE PLAIN,
    line_code text STORAGE PLAIN, county_code text STORAGE PLAIN, status text STORAGE PLAIN,
    termination_reason text STORAGE PLAIN, status_on date, renews_on date,
    agency_affiliation text STORAGE PLAIN, state_company_id text STORAGE PLAIN, first_effective_on date
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_action (
    organization_id bigint, producer_id bigint, state text STORAGE PLAIN, action_id text STORAGE PLAIN,
    origin text STORAGE PLAIN, reason text STORAGE PLAIN, disposition text STORAGE PLAIN,
    penalty text STORAGE PLAIN, order_length text STORAGE PLAIN, file_reference text STORAGE PLAIN,
    action_on date, effective_on date, entered_on date
) ON COMMIT DELETE ROWS;
-- Within an outer transaction a batch may follow another before a commit.
DELETE FROM told_producer;
DELETE FROM told_address;
DELETE FROM told_contact;
DELETE FROM told_license;
DELETE FROM told_line;
DELETE FROM told_appointment;
DELETE FROM told_action;
