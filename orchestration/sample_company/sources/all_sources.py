"""The sources of the sample company, in the order in which their files are written."""

from collections.abc import Mapping

from orchestration.sample_company.sources import (
    ads,
    catalogue,
    consent,
    contact_centre,
    crm,
    loyalty,
    newsletter,
    offers,
    pos,
    privacy_requests,
    reference,
    shop,
    sightings,
    social,
    surveys,
    web,
)
from orchestration.sample_company.sources.feed import Feed

SOURCES: Mapping[str, tuple[Feed, ...]] = {
    module.FEEDS[0].source: module.FEEDS
    for module in (
        crm,
        shop,
        pos,
        newsletter,
        consent,
        web,
        catalogue,
        offers,
        contact_centre,
        surveys,
        loyalty,
        ads,
        sightings,
        privacy_requests,
        social,
        reference,
    )
}
