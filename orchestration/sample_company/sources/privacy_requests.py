"""The mailbox for requests about personal data: a list kept by hand, as CSV.

Belongs here: how a request is noted down, and its mess.
"""

from orchestration.sample_company.sources.feed import Feed, TextFile

HEADER = "request_id;received_at;request_type;name;contact;channel;note"

_REQUESTS = """
with noted as (
    select
        subject_requests.*,
        people.first_name_latin || ' ' || people.last_name_latin as name,
        bits_of('privacy_requests/request', request_id) as bits,
        noise_privacy_requests_requests_request_type(draw(bits, 0)) as type_kind,
    from subject_requests
    join people
        using (person_number)
)

select
    'PR' || request_id as record_key,
    'privacy_requests:requests:PR' || request_id as record_id,
    person_number,
    requested_at::date as sent_on,
    [noisy('request_type', type_kind)] as noises,
    request_id,
    requested_at,
    case
        when type_kind is null then request_type
        when request_type = 'erasure'
            then ['delete my data', 'ERASURE', 'forget me'][1 + floor(draw(bits, 1) * 3)::integer]
        when draw(bits, 1) < 0.5 then upper(request_type)
        else upper(left(request_type, 1)) || substr(request_type, 2) || ' '
    end as request_type_written,
    name,
    contact_value,
    ['email', 'email', 'phone', 'letter'][1 + floor(draw(bits, 2) * 4)::integer] as channel,
    ['', '', 'called twice', 'ID seen; reply by post'][1 + floor(draw(bits, 3) * 4)::integer] as note,
from noted
"""

_LINE = """concat_ws(
    ';',
    'PR' || request_id,
    strftime(london(requested_at), '%d/%m/%Y %H:%M'),
    csv_cell(request_type_written, ';'),
    csv_cell(name, ';'),
    if(noise is not distinct from 'contact_missing', '', csv_cell(contact_value, ';')),
    channel,
    csv_cell(note, ';')
)"""

REQUESTS = Feed(
    source="privacy_requests",
    name="requests",
    stem="privacy_requests",
    extension="csv",
    records=_REQUESTS,
    order_by="requested_at, request_id",
    shape=TextFile(line=_LINE, header=HEADER, delimiter=";"),
)
FEEDS = (REQUESTS,)
