-- Where the reports of one batch stand before they are merged. Private to the connection, empty after each commit.
CREATE TEMPORARY TABLE IF NOT EXISTS told_producer (
    id bigint, status text, kind text, first_name text, middle_name text, last_name text, name_suffix text,
    file_first_name text, file_last_name text, name_differs boolean, born_on date, other_names jsonb, notes jsonb,
    ssn_sealed text, ssn_last4 text, ssn_index text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_address (
    organization_id bigint, producer_id bigint, state text, type_code text, type_name text,
    line_1 text, line_2 text, line_3 text, city text, address_state text, zip text, country text, updated_on date
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_contact (
    organization_id bigint, producer_id bigint, state text, kind text, value text, updated_on date
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_license (
    organization_id bigint, producer_id bigint, state text, number text, class_code text, class_name text,
    residency text, is_active boolean, issued_on date, expires_on date, adjuster_home_state text, updated_on date
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_line (
    organization_id bigint, producer_id bigint, state text, number text, class_code text,
    code text, name text, status text, status_reason text, status_reason_on date, issued_on date,
    ce_compliance text, ce_renewal_on date, ce_credits_needed text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_appointment (
    organization_id bigint, producer_id bigint, state text, cocode text, company_name text, fein text,
    line_name text, line_code text, county_code text, status text, termination_reason text, status_on date,
    renews_on date, agency_affiliation text, state_company_id text, first_effective_on date
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS told_action (
    organization_id bigint, producer_id bigint, state text, action_id text, origin text, reason text,
    disposition text, penalty text, order_length text, file_reference text,
    action_on date, effective_on date, entered_on date
) ON COMMIT DELETE ROWS;
