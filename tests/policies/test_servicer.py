"""The one private class of the SDK that the pack replaces is still what it was."""

import inspect

import pulumi_policy
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import policy as sdk

from policies.servicer import Servicer, install
from policies.session import Session


def test_the_sdk_still_serves_the_class_that_is_replaced() -> None:
    """`PolicyPack` looks the class up by its module's global name, when it is constructed."""
    assert "_PolicyAnalyzerServicer(" in inspect.getsource(pulumi_policy.PolicyPack.__init__)


def test_every_method_that_is_overridden_is_one_of_the_protocol() -> None:
    """A renamed method would silently never be called."""
    overridden = {name for name in vars(Servicer) if name[0].isupper()}

    assert overridden == {"ConfigureStack", "Analyze", "AnalyzeStack", "Remediate"}
    assert overridden <= set(vars(analyzer_pb2_grpc.AnalyzerServicer))
    fields = {field.name for field in analyzer_pb2.AnalyzerStackConfigureRequest.DESCRIPTOR.fields}
    assert {"dry_run", "config"} <= fields


def test_installing_replaces_the_class() -> None:
    """And the replaced one is kept as the base, so that the SDK's own work goes on."""
    original = sdk._PolicyAnalyzerServicer
    try:
        install(Session(), configured=lambda: None)
        replaced = sdk._PolicyAnalyzerServicer
        assert replaced is Servicer
        assert Servicer.__mro__[1].__name__ == "_PolicyAnalyzerServicer"
    finally:
        setattr(sdk, "_PolicyAnalyzerServicer", original)  # noqa: B010 - mypy forbids a plain one
