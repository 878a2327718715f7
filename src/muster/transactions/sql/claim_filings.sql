-- Claims what is locked and judged good: gives it its key if it has none, notes that a call begins, and tells
-- what is to be filed.
WITH waiting AS (
    SELECT id, status FROM transactions_transaction WHERE id = ANY(%(ids)s)
),
claimed AS (
    UPDATE transactions_transaction AS one
    SET status = 'submitting', filing_key = coalesce(one.filing_key, gen_random_uuid()), claimed_at = %(now)s,
        attempts = one.attempts + 1, next_at = NULL, note = '', updated_at = %(now)s
    FROM waiting
    WHERE one.id = waiting.id AND one.status IN ('ready', 'held')
    RETURNING one.*, waiting.status AS waited
),
begun AS (
    INSERT INTO transactions_attempt (transaction_id, verb, key, began_at)
    SELECT id, 'send', filing_key, %(now)s FROM claimed ORDER BY id
    RETURNING id, transaction_id
)
SELECT claimed.id, claimed.organization_id, claimed.producer_id, begun.id, claimed.filing_key, claimed.waited,
       claimed.attempts, claimed.claimed_at,
       claimed.kind, producer.npn, claimed.jurisdiction, claimed.cocode, claimed.company_name,
       coalesce(company.fein, ''), coalesce(setting.company_license_id, ''), claimed.line_code,
       CASE WHEN claimed.kind IN ('license', 'renewal') THEN '' ELSE claimed.line_name END, claimed.license_number, claimed.class_code, claimed.effective_on, claimed.county,
       claimed.appointment_type,
       claimed.termination_reason, claimed.for_cause, claimed.lines::text
FROM claimed
JOIN begun ON begun.transaction_id = claimed.id
JOIN producers_producer AS producer ON producer.id = claimed.producer_id
LEFT JOIN carriers_company AS company
       ON company.organization_id = claimed.organization_id AND company.cocode = claimed.cocode
LEFT JOIN carriers_companystate AS setting
       ON setting.company_id = company.id AND setting.state = claimed.jurisdiction
ORDER BY claimed.id
