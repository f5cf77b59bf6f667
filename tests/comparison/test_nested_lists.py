from __future__ import annotations

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy

OLD = """We share your data with payment providers that handle your orders, delivery firms that carry your parcels.

Delivery firms that carry your parcels, the national postal service of your country, private carriers near your town.
"""
NEW = """We share your data with:

- payment providers that handle your orders
- delivery firms that carry your parcels:
    - the national postal service of your country
    - private carriers near your town
"""


def test_an_item_that_leads_a_list_of_its_own_is_paired_once() -> None:
    for old, new in ((OLD, NEW), (NEW, OLD)):
        assert not compare(read_policy(old), read_policy(new)).broken
