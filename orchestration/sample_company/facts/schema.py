"""All fact tables by name; their columns stand beside the modules that fill them."""

from collections.abc import Mapping

from orchestration.sample_company.facts.company.tables import COMPANY_TABLES
from orchestration.sample_company.facts.contact.tables import CONTACT_TABLES
from orchestration.sample_company.facts.fact_table import ROWS_PER_BLOCK, FactTable
from orchestration.sample_company.facts.trade.tables import TRADE_TABLES
from orchestration.sample_company.facts.who.tables import WHO_TABLES

__all__ = ["FACT_TABLES", "ROWS_PER_BLOCK", "FactTable"]

FACT_TABLES: Mapping[str, FactTable] = {
    table.name: table for table in (*WHO_TABLES, *TRADE_TABLES, *CONTACT_TABLES, *COMPANY_TABLES)
}
