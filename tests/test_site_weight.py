"""What a page may cost its reader before anything is scrolled to: bytes and requests."""

import pytest

from benchmarks._site_files import pages
from benchmarks.site import cost

BYTES, REQUESTS = 2_000_000, 60


@pytest.mark.parametrize("name", pages())
def test_a_page_stays_within_its_budget(browser, site, name):
    spent = cost(browser, site + name)
    assert spent["bytes"] <= BYTES
    assert spent["requests"] <= REQUESTS
