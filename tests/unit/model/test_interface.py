"""Parameters and ports as JSON and back."""

import json

from assay.catalog import Catalog
from assay.model.interface import outputs_order, param_from_json, param_to_json, port_from_json, port_to_json


def test_every_parameter_and_port_of_the_library_survives():
    specs = Catalog().list()
    assert len(specs) > 4
    for spec in specs:
        for param in spec.params.values():
            assert param_from_json(json.loads(json.dumps(param_to_json(param)))) == param
        for port in [*spec.inputs.values(), *spec.outputs.values()]:
            assert port_from_json(json.loads(json.dumps(port_to_json(port)))) == port
        assert set(outputs_order(spec)) == set(spec.outputs)
