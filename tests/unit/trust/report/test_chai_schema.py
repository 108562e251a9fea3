"""The CHAI card is valid against the schema that the coalition publishes; `.ci/run` names the folder of schemas in ASSAY_SCHEMAS."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

from assay.trust.report.chai import chai_card

pytestmark = pytest.mark.schemas
SIGNATURES = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/2000/09/xmldsig#">
<xs:element name="Signature"/></xs:schema>"""


class Offline(etree.Resolver):
    """Stands in for the schema of XML signatures, which the card does not use and no test may fetch."""

    def resolve(self, url, _public_id, context):
        return self.resolve_string(SIGNATURES, context) if "xmldsig" in url else None


@pytest.fixture(scope="module")
def schema():
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Offline())
    return etree.XMLSchema(etree.parse(Path(os.environ["ASSAY_SCHEMAS"]) / "chai-v0.2-schema.xsd", parser))


@pytest.mark.parametrize("policy", ["research", "clinical-strict"])
@pytest.mark.parametrize("overridden", [False, True])
def test_the_card_is_valid(make, schema, policy, overridden):
    schema.assertValid(
        etree.fromstring(chai_card(make(policy=policy, overridden=overridden, developer="a\x00b")).encode())
    )


def test_the_schema_refuses_a_card_that_lacks_something(make, schema):
    card = etree.fromstring(chai_card(make()).encode())
    card.remove(card[3])
    assert not schema.validate(card)
