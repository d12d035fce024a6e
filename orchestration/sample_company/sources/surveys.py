"""The survey tool's answers, as CSV with a byte order mark, and the shop's product reviews, as nested JSON lines.

Belongs here: how an answer names who gave it, and its mess.
"""

from orchestration.sample_company.noise import LATE_DAYS_AT_MOST
from orchestration.sample_company.sources.feed import Feed, TextFile

HEADER = (
    "response_id;respondent;survey;asked_at;answered_at;score;stated_category;stated_channel;stated_frequency;comment"
)
REVIEW_WITH_ACCOUNT_SHARE = 0.8

_ANSWERS = f"""
with given as (
    select
        survey_answers.*,
        answered_at::date as answered_on,
        bits_of('surveys/answer', answer_id) as bits,
        (bits_of('surveys/more', answer_id) >> 34)::bigint as place,
    from survey_answers
),

known as (
    select
        given.*,
        known_emails.value as email,
        noise_surveys_answers_respondent(draw(bits, 0)) as email_kind,
        if(score is null, null, noise_surveys_answers_score(draw(bits, 1))) as score_kind,
        days_late(bits, 2, share_surveys_answers_sent_late(), {LATE_DAYS_AT_MOST}) as late_days,
    from given
    asof join known_emails
        on given.person_number = known_emails.person_number and answered_on >= known_emails.valid_from_on
),

written as (
    select *, spoilt_email(email, email_kind, place) as email_written from known
)

select
    'SA' || answer_id as record_key,
    'surveys:answers:SA' || answer_id as record_id,
    person_number,
    answered_on + late_days as sent_on,
    [
        noisy('respondent', if(email_written is distinct from email, email_kind, null)),
        noisy('score', score_kind),
        noisy('delivery', if(late_days > 0, 'sent_late', null)),
    ] as noises,
    answer_id,
    email_written,
    survey,
    asked_at,
    answered_at,
    case
        when score is null then ''
        when score_kind is null then score::varchar
        else score || if(survey = 'nps', '/10', '/5')
    end as score_written,
    stated_category,
    stated_channel,
    stated_frequency,
    text as comment,
from written
"""

_ANSWER_LINE = """concat_ws(
    ';',
    if(noise is not distinct from 'response_id_missing', '', 'SA' || answer_id),
    csv_cell(email_written, ';'),
    survey,
    strftime(london(asked_at), '%d/%m/%Y %H:%M'),
    strftime(london(answered_at), '%d/%m/%Y %H:%M'),
    if(noise is not distinct from 'score_out_of_range', if(place < 0.5, '11', '99'), score_written),
    csv_cell(stated_category, ';'),
    csv_cell(stated_channel, ';'),
    csv_cell(stated_frequency, ';'),
    csv_cell(comment, ';')
)"""

ANSWERS = Feed(
    source="surveys",
    name="answers",
    stem="survey_answers",
    extension="csv",
    records=_ANSWERS,
    order_by="answered_at, answer_id",
    shape=TextFile(line=_ANSWER_LINE, header=HEADER, delimiter=";", byte_order_mark=b"\xef\xbb\xbf"),
)

_REVIEWS = f"""
with written_on as (
    select
        reviews.*,
        reviewed_at::date as reviewed_on,
        bits_of('surveys/review', review_id) as bits,
    from reviews
)

select
    'RV' || review_id as record_key,
    'surveys:reviews:RV' || review_id as record_id,
    person_number,
    reviewed_on + days_late(bits, 0, share_surveys_reviews_sent_late(), {LATE_DAYS_AT_MOST}) as sent_on,
    [
        noisy('rating', noise_surveys_reviews_rating(draw(bits, 1))),
        noisy('delivery', if(sent_on > reviewed_on, 'sent_late', null)),
    ] as noises,
    review_id,
    reviewed_at,
    sku,
    if(
        noise_surveys_reviews_rating(draw(bits, 1)) is null,
        to_json(stars),
        to_json(stars || if(stars = 1, ' star', ' stars'))
    ) as rating,
    text as body,
    first_name_latin || ' ' || left(last_name_latin, 1) || '.' as display_name,
    if(draw(bits, 2) < {REVIEW_WITH_ACCOUNT_SHARE}, account_id, null) as account_id,
from written_on
join people
    using (person_number)
join catalogue
    using (product_number)
asof left join accounts
    on written_on.person_number = accounts.person_number and reviewed_on >= accounts.valid_from_on
"""

_REVIEW_LINE = """to_json({
    reviewId: if(noise is not distinct from 'review_id_missing', null, 'RV' || review_id),
    sku: sku,
    rating: if(noise is not distinct from 'rating_out_of_range', to_json(if(place < 0.5, 0, 6)), rating),
    body: body,
    author: {displayName: display_name, accountId: account_id},
    submittedAt: strftime(reviewed_at, '%Y-%m-%dT%H:%M:%SZ')
})::varchar"""

REVIEWS = Feed(
    source="surveys",
    name="reviews",
    stem="reviews",
    extension="ndjson",
    records=_REVIEWS,
    order_by="reviewed_at, review_id",
    shape=TextFile(line=_REVIEW_LINE),
)
FEEDS = (ANSWERS, REVIEWS)
